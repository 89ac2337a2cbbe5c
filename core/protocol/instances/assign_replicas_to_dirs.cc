#include "core/protocol/messages/assign_replicas_to_dirs.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<AssignReplicasToDirsRequest>();
template const Schema& schema_of<AssignReplicasToDirsResponse>();

}  // namespace trialog::protocol
