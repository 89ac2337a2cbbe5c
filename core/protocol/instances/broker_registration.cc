#include "core/protocol/messages/broker_registration.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<BrokerRegistrationRequest>();
template const Schema& schema_of<BrokerRegistrationResponse>();

}  // namespace trialog::protocol
