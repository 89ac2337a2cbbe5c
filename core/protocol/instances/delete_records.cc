#include "core/protocol/messages/delete_records.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DeleteRecordsRequest>();
template const Schema& schema_of<DeleteRecordsResponse>();

}  // namespace trialog::protocol
