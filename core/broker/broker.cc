#include "core/broker/broker.h"

namespace trialog::broker {

ErrorCode leadership_error(const Broker& broker, const replication::Replica* replica,
                           Epoch current) {
  if (replica == nullptr) return ErrorCode::not_leader_or_follower;
  if (current != no_epoch && current < replica->leader_epoch) {
    return ErrorCode::fenced_leader_epoch;
  }
  if (current != no_epoch && current > replica->leader_epoch) {
    return ErrorCode::unknown_leader_epoch;
  }
  if (replica->leader != broker.options.id) return ErrorCode::not_leader_or_follower;
  const bool dead = replica->log == nullptr || replica->log->failed();
  return dead ? ErrorCode::kafka_storage_error : ErrorCode::none;
}

bool is_internal(std::string_view topic) {
  return topic == "__consumer_offsets" || topic == "__transaction_state" ||
         topic == "__share_group_state" || topic == "__cluster_metadata";
}

}  // namespace trialog::broker
