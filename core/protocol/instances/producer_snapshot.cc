#include "core/protocol/messages/producer_snapshot.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ProducerSnapshot>();

}  // namespace trialog::protocol
