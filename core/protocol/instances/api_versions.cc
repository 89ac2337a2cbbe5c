#include "core/protocol/messages/api_versions.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ApiVersionsRequest>();
template const Schema& schema_of<ApiVersionsResponse>();

}  // namespace trialog::protocol
