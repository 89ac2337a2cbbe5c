#include "core/protocol/messages/elect_leaders.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ElectLeadersRequest>();
template const Schema& schema_of<ElectLeadersResponse>();

}  // namespace trialog::protocol
