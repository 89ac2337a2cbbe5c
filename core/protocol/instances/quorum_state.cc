#include "core/protocol/messages/quorum_state.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<QuorumStateData>();

}  // namespace trialog::protocol
