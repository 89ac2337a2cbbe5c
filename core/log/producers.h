#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bugs.h"
#include "core/base/bytes.h"
#include "core/base/error_code.h"
#include "core/base/time.h"
#include "core/log/batch_header.h"

namespace trialog::log {

/// Where a batch of a producer went. For a recognised duplicate, where the first one went.
struct Appended {
  Offset base;
  Offset end;
  bool duplicate = false;
};

/// The newest that a log knows of one producer. What there is none of is -1: the sequence if only a
/// marker is there, the coordinator's epoch, the start of a transaction if none is open.
struct KnownProducer {
  ProducerId id;
  std::int16_t epoch = -1;
  std::int32_t last_sequence = -1;
  std::int64_t last_timestamp = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t transaction_start = -1;

  friend bool operator==(const KnownProducer&, const KnownProducer&) = default;
};

/// What a log knows of the producers that wrote to it (SEMANTICS 8): their newest epochs and last
/// five batches, so that a batch sent again is not stored again.
///
/// In a snapshot each producer has up to five entries, oldest first, where Kafka writes only the
/// newest: Kafka reads them in order and keeps the last, and we know after a restart all that we
/// knew before.
class Producers {
 public:
  explicit Producers(const Bugs& bugs) : bugs_(&bugs) {}

  /// Whether the batch may be appended: nothing if so; where it went if it is a duplicate.
  std::expected<std::optional<Appended>, ErrorCode> check(const BatchHeader& batch) const;
  /// Notes a batch that is in the log. Believes it: followers and recovery don't check sequences.
  void note(const BatchHeader& batch, Instant now);
  /// Forgets who has not written for `idle` and has no transaction open. The time of a batch is
  /// when it was noted, not its timestamp, which may lie long ago.
  void expire(Instant now, Duration idle);

  /// All that are known, each once, in order of id: as many as `size()`. A copy.
  std::vector<KnownProducer> known() const;

  Bytes snapshot() const;
  /// Replaces everything by what the snapshot says; or tells what is wrong with it.
  std::expected<void, std::string> load(std::span<const std::byte> snapshot, Instant now);
  std::size_t size() const { return producers_.size(); }
  void clear() { producers_.clear(); }

 private:
  static constexpr std::size_t window = 5;
  struct Sent {
    std::int32_t first_sequence;
    std::int32_t last_sequence;
    Offset base;
    Offset end;
    std::int64_t timestamp;
  };
  struct Producer {
    std::int16_t epoch = -1;
    std::int32_t coordinator_epoch = -1;
    std::int64_t last_timestamp = -1;
    std::int64_t transaction_start = -1;
    Instant seen;
    std::array<Sent, window> sent;
    std::size_t count = 0;

    void remember(const Sent& batch, std::size_t limit);
  };

  const Bugs* bugs_;
  std::map<ProducerId, Producer> producers_;
};

}  // namespace trialog::log
