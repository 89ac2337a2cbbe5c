#include "core/protocol/messages/add_raft_voter.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AddRaftVoterRequest>();
template const Schema& schema_of<AddRaftVoterResponse>();

}  // namespace trialog::protocol
