#include "core/protocol/messages/offset_for_leader_epoch.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<OffsetForLeaderEpochRequest>();
template const Schema& schema_of<OffsetForLeaderEpochResponse>();

}  // namespace trialog::protocol
