#include "core/protocol/messages/allocate_producer_ids.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AllocateProducerIdsRequest>();
template const Schema& schema_of<AllocateProducerIdsResponse>();

}  // namespace trialog::protocol
