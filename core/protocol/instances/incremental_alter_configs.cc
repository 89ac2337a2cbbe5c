#include "core/protocol/messages/incremental_alter_configs.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<IncrementalAlterConfigsRequest>();
template const Schema& schema_of<IncrementalAlterConfigsResponse>();

}  // namespace trialog::protocol
