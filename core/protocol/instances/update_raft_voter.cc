#include "core/protocol/messages/update_raft_voter.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<UpdateRaftVoterRequest>();
template const Schema& schema_of<UpdateRaftVoterResponse>();

}  // namespace trialog::protocol
