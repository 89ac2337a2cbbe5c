#include "core/protocol/messages/fetch_snapshot.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<FetchSnapshotRequest>();
template const Schema& schema_of<FetchSnapshotResponse>();

}  // namespace trialog::protocol
