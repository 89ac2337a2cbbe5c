#include "core/protocol/messages/create_partitions.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<CreatePartitionsRequest>();
template const Schema& schema_of<CreatePartitionsResponse>();

}  // namespace trialog::protocol
