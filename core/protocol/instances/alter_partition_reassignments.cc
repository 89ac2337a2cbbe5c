#include "core/protocol/messages/alter_partition_reassignments.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AlterPartitionReassignmentsRequest>();
template const Schema& schema_of<AlterPartitionReassignmentsResponse>();

}  // namespace trialog::protocol
