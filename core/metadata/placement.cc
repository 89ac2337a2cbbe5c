#include "core/metadata/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/check.h"

namespace trialog::metadata {
namespace {

bool is_active(const Image& image, NodeId id) {
  const auto* broker = image.broker(id);
  return broker && broker->active();
}

std::vector<std::int32_t> numbers(const Replicas& replicas) {
  std::vector<std::int32_t> result;
  for (const auto id : replicas) result.push_back(id.value);
  return result;
}

}  // namespace

std::string assignment_problem(const Image& image, const std::vector<std::int32_t>& replicas,
                               std::size_t factor) {
  if (replicas.empty()) return "The manual partition assignment includes an empty replica list.";
  auto sorted = replicas;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (!image.broker(NodeId(sorted[i]))) {
      return fmt::format(
          "The manual partition assignment includes broker {}, but no such broker is registered.",
          sorted[i]);
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return fmt::format("The manual partition assignment includes the broker {} more than once.",
                         sorted[i]);
    }
  }
  if (factor != 0 && replicas.size() != factor) {
    return fmt::format(
        "The manual partition assignment includes a partition with {} replica(s), "
        "but this is not consistent with previous partitions, which have {} "
        "replica(s).",
        replicas.size(), factor);
  }
  return {};
}

std::string all_fenced_text(std::int32_t partition) {
  return fmt::format(
      "All brokers specified in the manual partition assignment for partition {} "
      "are fenced or in controlled shutdown.",
      partition);
}

Replicas active(const Image& image, const Replicas& replicas) {
  Replicas result;
  std::ranges::copy_if(replicas, std::back_inserter(result),
                       [&image](NodeId id) { return is_active(image, id); });
  return result;
}

bool has_directory(const Broker& broker, const Partition& partition) {
  const auto found = std::ranges::find(partition.replicas, broker.id);
  if (found == partition.replicas.end() || broker.log_dirs.empty()) return true;
  const auto& directory =
      partition.directories[static_cast<std::size_t>(found - partition.replicas.begin())];
  return directory.is_zero() ||
         std::ranges::find(broker.log_dirs, directory) != broker.log_dirs.end();
}

Uuid DirectoryLoad::next(NodeId id) {
  const auto* broker = image_.broker(id);
  if (!broker || broker->log_dirs.empty()) return Uuid();
  const auto load = [this, id](const Uuid& directory) {
    const auto chosen = more_.find(std::pair(id, directory));
    const auto more = chosen == more_.end() ? 0 : chosen->second;
    return std::pair(index_.replicas_in(id, directory) + more, directory);
  };
  const auto emptiest = *std::ranges::min_element(broker->log_dirs, {}, load);
  ++more_[std::pair(id, emptiest)];
  return emptiest;
}

protocol::PartitionRecord new_partition(const Image& image, const Uuid& topic, std::int32_t index,
                                        const Replicas& replicas, DirectoryLoad& load) {
  const auto in_sync = active(image, replicas);
  CHECK(!in_sync.empty());
  protocol::PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = numbers(replicas);
  record.isr = numbers(in_sync);
  record.leader = in_sync.front().value;
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  for (const auto id : replicas) record.directories.push_back(load.next(id));
  return record;
}

}  // namespace trialog::metadata
