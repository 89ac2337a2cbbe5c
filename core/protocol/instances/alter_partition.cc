#include "core/protocol/messages/alter_partition.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AlterPartitionRequest>();
template const Schema& schema_of<AlterPartitionResponse>();

}  // namespace trialog::protocol
