#include "core/protocol/messages/init_producer_id.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<InitProducerIdRequest>();
template const Schema& schema_of<InitProducerIdResponse>();

}  // namespace trialog::protocol
