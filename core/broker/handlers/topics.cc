#include "core/broker/handlers/topics.h"

namespace trialog::broker::handlers {

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
  std::vector<std::int32_t> list;
  list.reserve(nodes.size());
  for (const auto& node : nodes) list.push_back(node.value);
  return list;
}

View::View(const Broker& broker, const Context& context)
    : image_(broker.image()), listener_(context.client().listener()) {}

bool View::is_alive(NodeId id) const {
  const auto* registered = image_->broker(id);
  return registered != nullptr && !registered->fenced;
}

ErrorCode View::error_of(const metadata::Partition& partition) const {
  if (!is_alive(partition.leader)) return ErrorCode::leader_not_available;
  return image_->broker(partition.leader)->endpoint(listener_) == nullptr
             ? ErrorCode::listener_not_found
             : ErrorCode::none;
}

NodeId View::leader_of(const metadata::Partition& partition) const {
  return error_of(partition) == ErrorCode::none ? partition.leader : metadata::no_leader;
}

std::vector<std::int32_t> View::offline_of(const metadata::Partition& partition) const {
  std::vector<std::int32_t> list;
  for (const auto& replica : partition.replicas) {
    if (!is_alive(replica)) list.push_back(replica.value);
  }
  return list;
}

}  // namespace trialog::broker::handlers
