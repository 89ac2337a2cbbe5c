#include "core/protocol/messages/delete_topics.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DeleteTopicsRequest>();
template const Schema& schema_of<DeleteTopicsResponse>();

}  // namespace trialog::protocol
