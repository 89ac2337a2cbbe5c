#include "core/protocol/messages/create_topics.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<CreateTopicsRequest>();
template const Schema& schema_of<CreateTopicsResponse>();

}  // namespace trialog::protocol
