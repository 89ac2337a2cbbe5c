#include "core/protocol/messages/envelope.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<EnvelopeRequest>();
template const Schema& schema_of<EnvelopeResponse>();

}  // namespace trialog::protocol
