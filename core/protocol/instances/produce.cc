#include "core/protocol/messages/produce.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ProduceRequest>();
template const Schema& schema_of<ProduceResponse>();

}  // namespace trialog::protocol
