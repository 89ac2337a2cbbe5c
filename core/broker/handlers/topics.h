#pragma once

#include <cstdint>
#include <vector>

#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {

/// All that authorizers know for a topic: read, write, create, delete, alter, describe, and
/// describing and altering its configs (the bits of AclOperation).
inline constexpr std::int32_t all_topic_operations = 3576;

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes);

/// The cluster as a client sees it that came in by one listener.
class View {
 public:
  View(const Broker& broker, const Context& context);

  const metadata::Image& image() const { return *image_; }
  /// leader_not_available if there is no leader or it is not alive, listener_not_found if it is not
  /// reachable by the client's listener.
  ErrorCode error_of(const metadata::Partition& partition) const;
  /// -1 if it can't be reached.
  NodeId leader_of(const metadata::Partition& partition) const;
  std::vector<std::int32_t> offline_of(const metadata::Partition& partition) const;

 private:
  bool is_alive(NodeId id) const;

  std::shared_ptr<const metadata::Image> image_;
  const std::string& listener_;
};

}  // namespace trialog::broker::handlers
