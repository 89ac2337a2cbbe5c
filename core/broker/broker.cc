#include "core/broker/broker.h"

namespace trialog::broker {

ErrorCode leadership_error(NodeId self, const replication::Replica* replica, Epoch current) {
  if (replica == nullptr) return ErrorCode::not_leader_or_follower;
  if (current != no_epoch && current < replica->leader_epoch) {
    return ErrorCode::fenced_leader_epoch;
  }
  if (current != no_epoch && current > replica->leader_epoch) {
    return ErrorCode::unknown_leader_epoch;
  }
  if (replica->leader != self) return ErrorCode::not_leader_or_follower;
  if (!replica->usable()) return ErrorCode::kafka_storage_error;
  return replica->leads() ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

NodeId controller_for_clients(const Broker& broker) {
  const auto leader = broker.quorum.leader();
  const auto* registered = broker.image()->broker(leader);
  return registered != nullptr && !registered->fenced ? leader : broker.options.id;
}

bool is_internal(std::string_view topic) {
  return topic == "__consumer_offsets" || topic == "__transaction_state" ||
         topic == "__share_group_state" || topic == "__cluster_metadata";
}

}  // namespace trialog::broker
