#include "core/metadata/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/check.h"

namespace trialog::metadata {
namespace {

bool is_active(const Image& image, NodeId id) {
  const auto* broker = image.broker(id);
  return broker && !broker->fenced && !broker->in_controlled_shutdown;
}

std::vector<std::int32_t> numbers(const Replicas& replicas) {
  std::vector<std::int32_t> result;
  for (const auto id : replicas) result.push_back(id.value);
  return result;
}

}  // namespace

std::expected<std::vector<Replicas>, std::string> place(const Image& image, std::int32_t count,
                                                        std::int32_t factor, Random& random) {
  CHECK(count >= 0);
  CHECK(factor > 0);
  std::vector<NodeId> leaders, others;
  for (const auto& [id, broker] : image.brokers()) {
    if (broker.in_controlled_shutdown) continue;
    (broker.fenced ? others : leaders).push_back(id);
  }
  const std::size_t usable = leaders.size() + others.size();
  if (static_cast<std::size_t>(factor) > usable) {
    return std::unexpected(
        fmt::format("The target replication factor of {} cannot be reached because only {} "
                    "broker(s) are registered.",
                    factor, usable));
  }
  if (leaders.empty()) return std::unexpected("All brokers are currently fenced.");

  const std::size_t first = random.below(leaders.size());
  std::vector<Replicas> result;
  for (std::int32_t partition = 0; partition < count; ++partition) {
    Replicas replicas;
    for (std::size_t i = 0; i < leaders.size(); ++i) {
      replicas.push_back(
          leaders[(first + static_cast<std::size_t>(partition) + i) % leaders.size()]);
    }
    replicas.insert(replicas.end(), others.begin(), others.end());
    replicas.resize(static_cast<std::size_t>(factor));
    result.push_back(std::move(replicas));
  }
  return result;
}

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

DirectoryLoad::DirectoryLoad(const Image& image) {
  for (const auto& [id, broker] : image.brokers()) {
    for (const auto& directory : broker.log_dirs) replicas_[id][directory] = 0;
  }
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      for (std::size_t i = 0; i < partition.replicas.size(); ++i) {
        const auto broker = replicas_.find(partition.replicas[i]);
        if (broker == replicas_.end()) continue;
        const auto directory = broker->second.find(partition.directories[i]);
        if (directory != broker->second.end()) ++directory->second;
      }
    }
  }
}

Uuid DirectoryLoad::next(NodeId broker) {
  auto& directories = replicas_[broker];
  if (directories.empty()) return Uuid();
  const auto emptiest =
      std::ranges::min_element(directories, {}, [](const auto& entry) { return entry.second; });
  ++emptiest->second;
  return emptiest->first;
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
