#include "core/protocol/messages/list_config_resources.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ListConfigResourcesRequest>();
template const Schema& schema_of<ListConfigResourcesResponse>();

}  // namespace trialog::protocol
