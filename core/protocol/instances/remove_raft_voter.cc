#include "core/protocol/messages/remove_raft_voter.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<RemoveRaftVoterRequest>();
template const Schema& schema_of<RemoveRaftVoterResponse>();

}  // namespace trialog::protocol
