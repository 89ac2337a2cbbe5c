#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/random.h"

namespace trialog::client {

/// What a partitioner knows of a topic when it chooses.
struct PartitionsOfTopic {
  std::string_view topic;
  /// Greater than 0; partitions are 0 to count - 1.
  std::int32_t count = 0;
  /// Those that have a leader now, ascending. May be empty.
  std::span<const std::int32_t> available;
};

/// Chooses partitions for records that do not name one. Write your own by deriving from this; give
/// it to one producer only, which calls it from its own loop. Must not keep the views it is given.
/// Chance, if any, comes from `random`, so that a run can be repeated.
class Partitioner {
 public:
  using MaybeBytes = std::optional<std::span<const std::byte>>;

  virtual ~Partitioner() = default;
  /// A partition of the topic; outside of [0, count) the record is refused.
  virtual std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                              Random& random) = 0;
  /// A record that this partitioner had sent to `filled` finds the batch there complete. After this
  /// call `choose` is asked again, once, for the same record (KIP-480).
  virtual void on_new_batch(const PartitionsOfTopic& /*partitions*/, std::int32_t /*filled*/,
                            Random& /*random*/) {}
};

/// As Java's clients do by default: the murmur2 hash of the key; without a key one partition until
/// a batch there is full, then another available one by chance (KIP-480).
class DefaultPartitioner final : public Partitioner {
 public:
  std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                      Random& random) override;
  void on_new_batch(const PartitionsOfTopic& partitions, std::int32_t filled,
                    Random& random) override;

 private:
  std::map<std::string, std::int32_t, std::less<>> sticky_;
};

/// One available partition after the other, whatever the key; each topic has its own turn.
class RoundRobinPartitioner final : public Partitioner {
 public:
  std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                      Random& random) override;

 private:
  std::map<std::string, std::uint32_t, std::less<>> turn_;
};

/// The murmur2 hash of the key; without a key one available partition after the other.
class MurmurPartitioner final : public Partitioner {
 public:
  std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                      Random& random) override;

 private:
  RoundRobinPartitioner keyless_;
};

}  // namespace trialog::client
