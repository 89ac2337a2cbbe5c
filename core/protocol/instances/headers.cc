#include "core/protocol/messages/headers.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<RequestHeader>();
template const Schema& schema_of<ResponseHeader>();

}  // namespace trialog::protocol
