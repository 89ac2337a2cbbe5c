#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "core/base/chain.h"
#include "core/base/error_code.h"
#include "core/base/ids.h"
#include "core/base/topic.h"
#include "core/base/uuid.h"
#include "core/env/env.h"
#include "core/log/options.h"
#include "core/records/batch.h"

namespace trialog::log {

/// Where a batch of a producer went. For a recognised duplicate, where the first one went.
struct Appended {
  Offset base;
  Offset end;
  bool duplicate = false;
};

/// Where the records of `epoch` end. Epoch -1: not known (SEMANTICS 4.2).
struct EpochEnd {
  Epoch epoch;
  Offset end;
};

struct TimedOffset {
  WallTime timestamp;
  Offset offset;
  Epoch leader_epoch;
};

/// The log of one partition: its segments in order, its producers' state, and where each leader
/// epoch begins. Appending is decided in memory at once and written with everything else of the
/// same turn by its `LogDirectory`; readers see it when it counts as kept.
///
/// Always true: start <= committed_end() <= written_end() <= end() (for page_cache: committed_end()
/// == written_end()); batches are consecutive; after an I/O error `failed()` and nothing is appended
/// any more.
class PartitionLog {
 public:
  ~PartitionLog();

  const TopicPartition& partition() const;
  const Uuid& topic_id() const;
  const Options& options() const;
  void configure(Options options);

  Offset start() const;
  Offset end() const;
  Offset written_end() const;
  /// How far records are kept by the durability that the options ask for. Readers and answers to
  /// acks=1 and acks=all go by this.
  Offset committed_end() const;
  bool failed() const;
  std::uint64_t size_in_bytes() const;
  Epoch latest_epoch() const;

  /// Validates sequence against the producer's state (SEMANTICS 8.2-8.5), places the batch and
  /// queues it. A duplicate is not appended. Refuses with out_of_order_sequence_number,
  /// invalid_producer_epoch, record_list_too_large, kafka_storage_error. Does not suspend.
  std::expected<Appended, ErrorCode> append_as_leader(records::Batch batch, Epoch epoch);
  /// Notes that a leader of `epoch` begins at `end()` (SEMANTICS 4.1).
  void begin_epoch(Epoch epoch);

  /// Raised when committed_end() or start() moved, or the log failed.
  Signal& progress();
  /// Waits until committed_end() >= `end` (true) or the log failed (false).
  Task<bool> committed(Offset end);

  /// Whole batches from the one that holds `from`, up to those that begin before `end`: at most
  /// `limit` bytes, but at least one batch unless `only_within_limit`. Empty if from == end. From
  /// memory if they are recent, else ranges of the segment's file. `from` must lie within
  /// [start(), committed_end()].
  Task<Result<Chain>> read(Offset from, Offset end, std::size_t limit, bool only_within_limit = false);
  /// The first record with a timestamp at or after `when`, below committed_end().
  Task<Result<std::optional<TimedOffset>>> first_at_or_after(WallTime when);
  /// The first record with the largest timestamp, below committed_end().
  Task<Result<std::optional<TimedOffset>>> largest_timestamp();
  EpochEnd end_of(Epoch epoch) const;
  /// The newest epoch that begins at or before `offset`; -1 if there is none.
  Epoch epoch_at(Offset offset) const;

  /// Raises start() to `start`, durably (the directory's checkpoint), and removes segments that lie
  /// before it. `start` must not exceed committed_end().
  Task<Status> delete_before(Offset start);
  /// Removes what retention by time and size and the log start allow (SEMANTICS 14.3).
  Task<Status> apply_retention(WallTime now);
};

}  // namespace trialog::log
