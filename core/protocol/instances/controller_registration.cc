#include "core/protocol/messages/controller_registration.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ControllerRegistrationRequest>();
template const Schema& schema_of<ControllerRegistrationResponse>();

}  // namespace trialog::protocol
