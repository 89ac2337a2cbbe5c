#include "core/protocol/messages/end_quorum_epoch.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<EndQuorumEpochRequest>();
template const Schema& schema_of<EndQuorumEpochResponse>();

}  // namespace trialog::protocol
