#include "core/protocol/messages/broker_heartbeat.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<BrokerHeartbeatRequest>();
template const Schema& schema_of<BrokerHeartbeatResponse>();

}  // namespace trialog::protocol
