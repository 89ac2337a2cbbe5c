#include "core/protocol/messages/begin_quorum_epoch.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<BeginQuorumEpochRequest>();
template const Schema& schema_of<BeginQuorumEpochResponse>();

}  // namespace trialog::protocol
