#include "core/protocol/messages/list_partition_reassignments.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ListPartitionReassignmentsRequest>();
template const Schema& schema_of<ListPartitionReassignmentsResponse>();

}  // namespace trialog::protocol
