#include "core/metadata/partition_index.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::metadata {
namespace {

/// Kafka's metrics make one name of these two characters, so topics may not differ in them alone.
std::string without_dots(std::string_view name) {
  std::string result(name);
  std::ranges::replace(result, '.', '_');
  return result;
}

void put(PartitionIndex::Keys& keys, const PartitionKey& key, bool present) {
  if (present) {
    keys.insert(key);
  } else {
    keys.erase(key);
  }
}

template <class Counts, class Of>
void add_to(Counts& counts, const Of& of, int by) {
  const auto at = counts.try_emplace(of).first;
  at->second += by;
  CHECK(at->second >= 0);
  if (at->second == 0) counts.erase(at);
}

}  // namespace

PartitionIndex::PartitionIndex(const Image& image) {
  for (const auto& [name, topic] : image.topics()) add(*topic);
}

void PartitionIndex::add(const Topic& topic) {
  alike_[without_dots(topic.name)].insert(topic.name);
  for (const auto& [index, partition] : topic.partitions) {
    count({topic.id, index}, partition, 1);
  }
}

void PartitionIndex::remove(const Topic& topic) {
  const auto names = alike_.find(without_dots(topic.name));
  CHECK(names != alike_.end());
  names->second.erase(topic.name);
  if (names->second.empty()) alike_.erase(names);
  for (const auto& [index, partition] : topic.partitions) {
    count({topic.id, index}, partition, -1);
  }
}

void PartitionIndex::count(const PartitionKey& key, const Partition& partition, int by) {
  const bool present = by > 0;
  const auto member = [&](NodeId id) {
    auto& keys = members_[id];
    put(keys, key, present);
    if (keys.empty()) members_.erase(id);
  };
  for (const auto id : partition.isr) member(id);
  for (const auto id : partition.eligible) member(id);
  put(leaderless_, key, present && partition.leader == no_leader);
  if (partition.leader != no_leader) {
    member(partition.leader);
    add_to(leads_, partition.leader, by);
  }
  const bool preferred =
      partition.replicas.empty() || partition.leader == partition.replicas.front();
  put(imbalanced_, key, present && !preferred);
  const bool moves = !partition.adding.empty() || !partition.removing.empty();
  put(reassigned_, key, present && moves);
  for (std::size_t i = 0; i < partition.replicas.size(); ++i) {
    add_to(replicas_, std::pair(partition.replicas[i], partition.directories[i]), by);
  }
}

const PartitionIndex::Keys& PartitionIndex::of(NodeId broker) const {
  static const Keys none;
  const auto found = members_.find(broker);
  return found == members_.end() ? none : found->second;
}

bool PartitionIndex::leads(NodeId broker) const { return leads_.contains(broker); }

std::int64_t PartitionIndex::replicas_in(NodeId broker, const Uuid& directory) const {
  const auto found = replicas_.find(std::pair(broker, directory));
  return found == replicas_.end() ? 0 : found->second;
}

const std::set<std::string>& PartitionIndex::alike(std::string_view name) const {
  static const std::set<std::string> none;
  const auto found = alike_.find(without_dots(name));
  return found == alike_.end() ? none : found->second;
}

}  // namespace trialog::metadata
