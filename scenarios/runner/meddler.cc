#include "scenarios/runner/meddler.h"

#include <algorithm>

namespace trialog::scenarios {

Task<void> Meddler::meddle(std::vector<TopicPartition> partitions, Duration gap, Instant end) {
  while (!partitions.empty()) {
    const auto pause = Duration(chance_.between(1, 2 * gap.count()));
    if (env_.clock.now() + pause >= end) co_return;
    co_await env_.clock.sleep(pause);
    const auto partition = partitions[chance_.below(partitions.size())];
    if (chance_.below(2) == 0) {
      co_await move(partition);
    } else {
      const auto how = client::Admin::Election::preferred;
      [[maybe_unused]] auto held = co_await admin_.elect_leader(partition, how);
    }
  }
}

Task<void> Meddler::move(TopicPartition partition) {
  if (chance_.below(8) == 0) {
    [[maybe_unused]] auto undone = co_await admin_.cancel_reassignment(std::move(partition));
    co_return;
  }
  auto replicas = some_replicas();
  [[maybe_unused]] auto begun = co_await admin_.reassign(std::move(partition), std::move(replicas));
}

/// Three, or all if there are fewer, in any order.
std::vector<NodeId> Meddler::some_replicas() {
  std::vector<NodeId> all;
  for (int id = 1; id <= brokers_; ++id) all.emplace_back(id);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[chance_.below(i)]);
  all.resize(std::min<std::size_t>(all.size(), 3));
  return all;
}

}  // namespace trialog::scenarios
