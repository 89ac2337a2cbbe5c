#include "core/protocol/messages/fetch.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<FetchRequest>();
template const Schema& schema_of<FetchResponse>();

}  // namespace trialog::protocol
