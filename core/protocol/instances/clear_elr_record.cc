#include "core/protocol/messages/clear_elr_record.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<ClearElrRecord>();

}  // namespace trialog::protocol
