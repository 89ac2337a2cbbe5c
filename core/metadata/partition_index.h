#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/image.h"

namespace trialog::metadata {

struct PartitionKey {
  Uuid topic;
  std::int32_t index = 0;
  friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

/// Finds the partitions that something concerns without going through all of them. Follows from an
/// image alone; `add` and `remove` keep it up with the changes of one.
class PartitionIndex {
 public:
  using Keys = std::set<PartitionKey>;

  PartitionIndex() = default;
  explicit PartitionIndex(const Image& image);

  void add(const Topic& topic);
  void remove(const Topic& topic);
  void add(const PartitionKey& key, const Partition& partition) { count(key, partition, 1); }
  /// `partition` as it was added.
  void remove(const PartitionKey& key, const Partition& partition) { count(key, partition, -1); }

  /// Where the broker leads, is in sync or is eligible: what its coming or going may change.
  const Keys& of(NodeId broker) const;
  bool leads(NodeId broker) const;
  const Keys& leaderless() const { return leaderless_; }
  /// Where another than the preferred replica leads.
  const Keys& imbalanced() const { return imbalanced_; }
  const Keys& reassigned() const { return reassigned_; }
  /// How many replicas the directory of the broker has.
  std::int64_t replicas_in(NodeId broker, const Uuid& directory) const;
  /// The names of topics that are the same but for '.' and '_', for which `name` stands.
  const std::set<std::string>& alike(std::string_view name) const;

  friend bool operator==(const PartitionIndex&, const PartitionIndex&) = default;

 private:
  void count(const PartitionKey& key, const Partition& partition, int by);

  std::map<NodeId, Keys> members_;
  std::map<NodeId, std::int64_t> leads_;
  std::map<std::pair<NodeId, Uuid>, std::int64_t> replicas_;
  Keys leaderless_, imbalanced_, reassigned_;
  std::map<std::string, std::set<std::string>, std::less<>> alike_;
};

}  // namespace trialog::metadata
