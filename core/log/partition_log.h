#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/chain.h"
#include "core/base/error_code.h"
#include "core/base/ids.h"
#include "core/base/topic.h"
#include "core/base/uuid.h"
#include "core/env/env.h"
#include "core/log/epochs.h"
#include "core/log/options.h"
#include "core/log/producers.h"
#include "core/log/recent_batches.h"
#include "core/log/segment.h"
#include "core/records/batch.h"

namespace trialog::log {

class DirectoryState;

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
/// == written_end()); batches are consecutive; after an I/O error `failed()` and nothing is
/// appended any more.
class PartitionLog {
 public:
  PartitionLog(const PartitionLog&) = delete;
  ~PartitionLog();

  const TopicPartition& partition() const { return partition_; }
  const Uuid& topic_id() const { return topic_id_; }
  const Options& options() const { return options_; }
  void configure(Options options) { options_ = options; }

  Offset start() const { return start_; }
  Offset end() const { return end_; }
  Offset written_end() const { return written_end_; }
  /// How far records are kept by the durability that the options ask for. Readers and answers to
  /// acks=1 and acks=all go by this.
  Offset committed_end() const { return committed_end_; }
  bool failed() const;
  std::uint64_t size_in_bytes() const;
  Epoch latest_epoch() const { return epochs_.latest(); }

  /// Validates sequence against the producer's state (SEMANTICS 8.2-8.5), places the batch and
  /// queues it. A duplicate is not appended. Refuses with out_of_order_sequence_number,
  /// invalid_producer_epoch, record_list_too_large, kafka_storage_error. Does not suspend.
  std::expected<Appended, ErrorCode> append_as_leader(records::Batch batch, Epoch epoch);
  /// Notes that a leader of `epoch` begins at `end()` (SEMANTICS 4.1).
  void begin_epoch(Epoch epoch);

  /// Raised when committed_end() or start() moved, or the log failed.
  Signal& progress() { return progress_; }
  /// Waits until committed_end() >= `end` (true) or the log failed (false).
  Task<bool> committed(Offset end);

  /// Whole batches from the one that holds `from`, up to those that begin before `end`: at most
  /// `limit` bytes, but at least one batch unless `only_within_limit`. Empty if from == end. From
  /// memory if they are recent, else ranges of the segment's file. `from` must lie within
  /// [start(), committed_end()].
  Task<Result<Chain>> read(Offset from, Offset end, std::size_t limit,
                           bool only_within_limit = false);
  /// The first record with a timestamp at or after `when`, below committed_end().
  Task<Result<std::optional<TimedOffset>>> first_at_or_after(WallTime when);
  /// The first record with the largest timestamp, below committed_end().
  Task<Result<std::optional<TimedOffset>>> largest_timestamp();
  EpochEnd end_of(Epoch epoch) const { return epochs_.end_of(epoch, end_); }
  /// The newest epoch that begins at or before `offset`; -1 if there is none.
  Epoch epoch_at(Offset offset) const { return epochs_.at(offset); }

  /// Raises start() to `start`, durably (the directory's checkpoint), and removes segments that lie
  /// before it. `start` must not exceed committed_end().
  Task<Status> delete_before(Offset start);
  /// Removes what retention by time and size and the log start allow (SEMANTICS 14.3).
  Task<Status> apply_retention(WallTime now);

 private:
  friend class DirectoryState;
  friend class Committer;
  friend class Recovery;

  /// Something to be written: a batch, or just the beginning of a segment.
  struct Queued {
    std::shared_ptr<Segment> segment;
    Bytes batch;
    Offset end;
    Bytes snapshot;  // The producers' state, where a segment begins.
  };
  /// A segment that nothing is added to any more, to be made durable.
  struct Settling {
    std::shared_ptr<Segment> segment;
    std::shared_ptr<File> snapshot;
    Offset end;
  };
  using Segments = std::vector<std::shared_ptr<Segment>>;

  PartitionLog(std::shared_ptr<DirectoryState> directory, TopicPartition partition, Uuid topic_id,
               Options options);

  Segment& active() { return *segments_.back(); }
  void roll(WallTime now);
  void enqueue(Bytes batch);
  void count(Offset end);

  // For the commit loop; see committer.h.
  Task<Status> write_queue();
  Task<Status> begin_segment(std::shared_ptr<Segment> segment, Bytes snapshot);
  Task<Status> write_snapshot(Bytes snapshot, Offset end, std::shared_ptr<File>& file);
  Task<Status> write_epochs();
  Task<Status> make_settled(Settling settling);
  Task<void> settle_in_background();
  bool in_use() const { return writing_ || syncing_ || settling_; }
  /// Writes index tails, epochs and a snapshot at `end()`: nothing is appended afterwards.
  Task<Status> finish();

  std::shared_ptr<Segment> segment_for(Offset offset) const;
  Task<Status> indexed(std::shared_ptr<Segment> segment);
  Task<Result<Chain>> read_file(Offset from, Offset end, std::size_t limit, bool only_within_limit);
  Task<Result<std::optional<TimedOffset>>> record_at(Segment& segment, BatchHeader header,
                                                     std::int64_t timestamp);
  IoError given_up(IoError error);
  void moved(const Disk::Path& path);

  Task<std::int64_t> newest_time(std::shared_ptr<Segment> segment);
  Task<Result<Offset>> retained_from(WallTime now);
  Task<Status> raise_start(Offset start);
  Task<Status> drop_segments();

  std::shared_ptr<DirectoryState> directory_;
  TopicPartition partition_;
  Uuid topic_id_;
  Options options_;
  Disk::Path path_;

  Offset start_;
  Offset durable_start_;
  Offset end_;
  Offset written_end_;
  Offset committed_end_;
  Offset recovery_point_;
  Segments segments_;
  std::shared_ptr<Segment> writing_to_;
  std::shared_ptr<Segment> looked_up_;  // The only settled one whose indexes are in memory.
  Epochs epochs_;
  bool epochs_unwritten_ = false;
  Producers producers_;
  RecentBatches recent_;
  std::vector<Queued> queue_;
  std::deque<Settling> to_settle_;
  Signal progress_;

  bool removed_ = false;
  bool ready_ = false;     // In the commit loop's list.
  bool unsynced_ = false;  // In its list of those to be synced.
  bool writing_ = false;
  bool syncing_ = false;
  bool settling_ = false;
  bool names_unsynced_ = false;
};

}  // namespace trialog::log
