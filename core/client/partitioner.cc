#include "core/client/partitioner.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace trialog::client {
namespace {

/// An available partition, if there is one, and another than `previous`, if there is another.
std::int32_t another(const PartitionsOfTopic& partitions, std::int32_t previous, Random& random) {
  const auto& available = partitions.available;
  if (available.empty()) {
    return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(partitions.count)));
  }
  const auto avoid = std::ranges::find(available, previous);
  if (avoid == available.end() || available.size() == 1) {
    return available[random.below(available.size())];
  }
  // One draw among the others, by stepping over the one to be avoided.
  const auto skipped = static_cast<std::size_t>(avoid - available.begin());
  const auto drawn = random.below(available.size() - 1);
  return available[drawn < skipped ? drawn : drawn + 1];
}

}  // namespace

std::int32_t DefaultPartitioner::choose(const PartitionsOfTopic& partitions, MaybeBytes key,
                                        MaybeBytes /*value*/, Random& random) {
  CHECK(partitions.count > 0);
  if (key) return key_partition(*key, partitions.count);
  if (const auto known = sticky_.find(partitions.topic); known != sticky_.end()) {
    // A topic that was deleted and made again may have fewer partitions.
    if (known->second < partitions.count) return known->second;
  }
  const auto chosen = another(partitions, -1, random);
  sticky_.insert_or_assign(std::string(partitions.topic), chosen);
  return chosen;
}

void DefaultPartitioner::on_new_batch(const PartitionsOfTopic& partitions, std::int32_t filled,
                                      Random& random) {
  CHECK(partitions.count > 0);
  const auto known = sticky_.find(partitions.topic);
  // Another record may have moved on already, or the batch filled up with keyed ones.
  if (known == sticky_.end() || known->second != filled) return;
  known->second = another(partitions, filled, random);
}

std::int32_t RoundRobinPartitioner::choose(const PartitionsOfTopic& partitions, MaybeBytes /*key*/,
                                           MaybeBytes /*value*/, Random& /*random*/) {
  CHECK(partitions.count > 0);
  auto turn = turn_.find(partitions.topic);
  if (turn == turn_.end()) turn = turn_.emplace(partitions.topic, 0).first;
  const auto now = turn->second++;
  const auto& available = partitions.available;
  if (!available.empty()) return available[now % available.size()];
  return static_cast<std::int32_t>(now % static_cast<std::uint32_t>(partitions.count));
}

std::int32_t MurmurPartitioner::choose(const PartitionsOfTopic& partitions, MaybeBytes key,
                                       MaybeBytes value, Random& random) {
  if (!key) return keyless_.choose(partitions, key, value, random);
  CHECK(partitions.count > 0);
  return key_partition(*key, partitions.count);
}

}  // namespace trialog::client
