#include "core/protocol/messages/vote.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<VoteRequest>();
template const Schema& schema_of<VoteResponse>();

}  // namespace trialog::protocol
