#include "core/protocol/messages/alter_configs.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AlterConfigsRequest>();
template const Schema& schema_of<AlterConfigsResponse>();

}  // namespace trialog::protocol
