#include "core/protocol/messages/list_offsets.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ListOffsetsRequest>();
template const Schema& schema_of<ListOffsetsResponse>();

}  // namespace trialog::protocol
