#include "core/protocol/messages/find_coordinator.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<FindCoordinatorRequest>();
template const Schema& schema_of<FindCoordinatorResponse>();

}  // namespace trialog::protocol
