#include "core/protocol/messages/metadata.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<MetadataRequest>();
template const Schema& schema_of<MetadataResponse>();

}  // namespace trialog::protocol
