#include "core/protocol/messages/control_records.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<LeaderChangeMessage>();
template const Schema& schema_of<SnapshotHeaderRecord>();
template const Schema& schema_of<SnapshotFooterRecord>();
template const Schema& schema_of<KRaftVersionRecord>();
template const Schema& schema_of<VotersRecord>();

}  // namespace trialog::protocol
