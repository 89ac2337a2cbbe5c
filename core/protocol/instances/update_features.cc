#include "core/protocol/messages/update_features.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<UpdateFeaturesRequest>();
template const Schema& schema_of<UpdateFeaturesResponse>();

}  // namespace trialog::protocol
