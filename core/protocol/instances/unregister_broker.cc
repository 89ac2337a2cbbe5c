#include "core/protocol/messages/unregister_broker.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<UnregisterBrokerRequest>();
template const Schema& schema_of<UnregisterBrokerResponse>();

}  // namespace trialog::protocol
