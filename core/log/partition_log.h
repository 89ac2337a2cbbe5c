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
#include "core/env/offset_waiters.h"
#include "core/log/damage.h"
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
/// == written_end()); none of them falls but by a truncation; batches ascend; everything in
/// [start(), end()) can be read, what is not yet written from memory; after an I/O error `failed()`
/// and nothing is appended any more.
class PartitionLog : public std::enable_shared_from_this<PartitionLog> {
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
  /// Appends a batch that the leader has logged, as it is: its base offset, its leader epoch, which
  /// is noted if it is new (SEMANTICS 4.1), and its sequence unseen (8.5). Its CRC has been
  /// checked. The end afterwards; offset_out_of_range if it does not begin at `end()` or behind it
  /// (behind: what compaction left out), kafka_storage_error. Does not suspend.
  std::expected<Offset, ErrorCode> append_as_follower(records::Batch batch);
  /// Notes that a leader of `epoch` begins at `end()` (SEMANTICS 4.1).
  void begin_epoch(Epoch epoch);

  /// Raised when committed_end() or start() moved, or the log failed.
  Signal& progress() { return progress_; }
  /// Raised when something was appended: it can be read, but is neither written nor kept yet. Who
  /// reads for another replica waits for this. Also raised when the log failed or was truncated.
  Signal& appended() { return appended_; }
  /// Wakes who waits for committed_end() to reach an offset; all if the log failed or was
  /// truncated.
  OffsetWaiters& kept() { return kept_; }
  /// Waits until committed_end() >= `end` (true), or the log failed or was truncated (false).
  Task<bool> committed(Offset end);

  /// Removes everything from `end` on, durably: no crash brings any of it back once this has
  /// returned, and one in the middle leaves the log as it was, as it shall be, or something
  /// between. All three ends fall. Epochs that begin at `end` or behind it are forgotten, also if
  /// nothing else is (SEMANTICS 4.6); producers are as they were then. A batch that `end` lies in
  /// goes whole. Nothing can be appended meanwhile; goes on if the waiting task is cancelled.
  Task<Status> truncate_to(Offset end);
  /// Removes everything and begins anew, empty, at `start`, in the same way (SEMANTICS 4.7).
  Task<Status> truncate_fully_and_start_at(Offset start);

  /// How far records count in the cluster, as far as the directory's checkpoint knew when the log
  /// was opened, or as it was last set: a lower bound of the truth, within [start(), end()].
  Offset recovered_high_watermark() const { return high_watermark_; }
  /// With `alone`, what is kept here is what counts in the cluster, and the checkpoint says so.
  void counts_alone(bool alone) { alone_ = alone; }
  /// Notes it for the next checkpoint: every so often, and on close.
  void set_high_watermark(Offset high_watermark);

  /// Whole batches from the one that holds `from`, up to those that begin before `end`: at most
  /// `limit` bytes, but at least one batch unless `only_within_limit`. Empty if from == end. From
  /// memory if they are recent, else ranges of the segment's file. `from` must lie within
  /// [start(), end()]. What a reader may see is its own business: clients nothing behind the high
  /// watermark, replicas everything, kept here or not. What comes from the file has been checked:
  /// CRCs, offsets, epochs. `corrupt` if `from` lies in a damaged range; nobody is given any of it.
  Task<Result<Chain>> read(Offset from, Offset end, std::size_t limit,
                           bool only_within_limit = false);
  /// The first record with a timestamp at or after `when`, below committed_end() and `below`.
  Task<Result<std::optional<TimedOffset>>> first_at_or_after(WallTime when,
                                                             Offset below = Offset(INT64_MAX));
  /// The first record with the largest timestamp, below committed_end() and `below`.
  Task<Result<std::optional<TimedOffset>>> largest_timestamp(Offset below = Offset(INT64_MAX));
  /// What can't be read, as far as that was found by reading, scrubbing or recovery, in order.
  std::vector<DamagedRange> damaged() const;
  /// Replaces a damaged range, durably and at once, by the same batches of another replica, which
  /// must fill it; their CRCs have been checked. `not_found` if there is no such damage or they
  /// don't fit it. Goes on if the waiting task is cancelled.
  Task<Status> repair(std::vector<records::Batch> batches);
  /// Checks the next `bytes`, about, of the segments that are complete, where the last call ended;
  /// what is damaged is noted. True when it has come around.
  Task<Result<bool>> scrub(std::size_t bytes);

  /// The producers of all batches up to end(), kept or not, but those that expired: each once, in
  /// order of id. A copy.
  std::vector<KnownProducer> producers() const { return producers_.known(); }

  EpochEnd end_of(Epoch epoch) const { return epochs_.end_of(epoch, end_); }
  /// The newest epoch that begins at or before `offset`; -1 if there is none.
  Epoch epoch_at(Offset offset) const { return epochs_.at(offset); }

  /// Raises start() to `start`, durably (the directory's checkpoint), and removes segments that lie
  /// before it. Waits until everything before `start` is kept; `not_found` if it exceeds end().
  Task<Status> delete_before(Offset start);
  /// Removes what retention by time and size and the log start allow (SEMANTICS 14.3), of that
  /// which lies below committed_end() and `below`, the high watermark.
  Task<Status> apply_retention(WallTime now, Offset below = Offset(INT64_MAX));

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
  Appended append_placed(const records::Batch& batch);
  void roll(WallTime now);
  void enqueue(Bytes batch);
  void forget_recent();
  void count(Offset end);

  // For the commit loop; see committer.h.
  Task<Status> write_queue();
  Task<Status> begin_segment(std::shared_ptr<Segment> segment, Bytes snapshot);
  Task<Status> write_snapshot(Bytes snapshot, Offset end, std::shared_ptr<File>& file);
  Task<Status> write_epochs();
  NewFile epochs_file() const;
  Task<Status> make_settled(Settling settling);
  Task<void> settle_in_background();
  bool busy() const { return writing_ || syncing_ || settling_; }
  bool in_use() const { return busy() || reshaping_; }
  /// Writes index tails and a snapshot at `end()`, and says what is to be replaced when those are
  /// durable: the epochs. Nothing is appended afterwards.
  Task<Status> finish(std::vector<NewFile>& to_replace);

  std::shared_ptr<Segment> segment_for(Offset offset) const;
  Task<Status> indexed(std::shared_ptr<Segment> segment);
  // For reading from the file; see partition_read.cc.
  struct Wanted {
    Wanted(Offset first, Offset behind, std::size_t bytes, bool strictly)
        : from(first), end(behind), limit(bytes), only_within_limit(strictly) {}
    Offset from;
    Offset end;
    std::size_t limit;
    bool only_within_limit;
    std::uint64_t from_position = 0;
  };
  /// A stretch of a file that was checked, and what ended it.
  struct Sound {
    Sound(std::shared_ptr<File> from, std::uint64_t written, Offset offset)
        : file(std::move(from)), file_end(written), bound(offset) {}
    /// Adds a batch; whether another may follow.
    bool take(const BatchHeader& header, const Wanted& wanted);

    std::shared_ptr<File> file;
    std::uint64_t file_end;
    Offset bound;  // What stands at `file_end`.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::optional<Damage> known;
    bool full = false;  // Not the end of the file.
    bool bad = false;
    std::uint64_t bad_position = 0;
    Offset bad_from;
  };
  Task<Result<Chain>> read_file(Wanted wanted);
  Task<Result<Sound>> verify(std::shared_ptr<Segment> segment, std::uint64_t near, Wanted wanted);
  Task<Result<Sound>> verify_or_note(std::shared_ptr<Segment> segment, std::uint64_t near,
                                     Wanted wanted);
  bool of_its_epoch(const BatchHeader& header) const;
  Offset end_of(const Segment& segment) const;
  void note_damage(Segment& segment, const Damage& damage);
  Task<Status> do_repair(std::vector<records::Batch> batches);
  Task<Status> mend(std::shared_ptr<Segment> segment, Damage damage,
                    std::vector<records::Batch> batches);
  Task<Status> settled(std::shared_ptr<Segment> segment);
  Task<Result<std::shared_ptr<Segment>>> write_repaired(std::shared_ptr<Segment> segment,
                                                        Damage damage, Chain batches);
  Task<Result<std::optional<TimedOffset>>> record_at(Segment& segment, BatchHeader header,
                                                     std::int64_t timestamp);
  IoError given_up(IoError error);
  void moved(const Disk::Path& path);

  // For changes of what is in the log; see truncate.cc. One at a time.
  class Turn;
  struct Cut;
  Task<Turn> take_turn();
  Task<Status> do_apart(Task<Status> change);
  Task<Status> or_give_up(Task<Status> change);
  Task<Status> truncate(Offset end);
  Task<Status> begin_anew(Offset start);
  Task<Status> empty_at(Offset start);
  Task<Status> at_rest();
  Task<Result<Cut>> find_cut(Offset end);
  Task<Status> lower_checkpoints(Offset end);
  void forget_from(Offset end);
  Task<Status> remove_files_from(Offset end);
  Task<Status> cut_last_segment(Offset end, std::uint64_t position);
  Task<Status> begin_after_cut();

  Task<std::int64_t> newest_time(std::shared_ptr<Segment> segment);
  Task<Result<Offset>> retained_from(WallTime now, Offset below);
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
  Offset high_watermark_;
  Offset noted_high_watermark_;  // What the checkpoint says, at most.
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
  Signal appended_;
  OffsetWaiters kept_;
  std::uint64_t truncations_ = 0;
  Offset scrubbed_segment_;
  std::uint64_t scrubbed_ = 0;  // Of that segment's file.

  Offset watermark_to_note() const;
  void wake_waiters();

  bool alone_ = false;
  bool removed_ = false;
  bool ready_ = false;     // In the commit loop's list.
  bool unsynced_ = false;  // In its list of those to be synced.
  bool writing_ = false;
  bool syncing_ = false;
  bool settling_ = false;
  bool reshaping_ = false;  // Somebody has the turn.
  bool truncating_ = false;
  bool names_unsynced_ = false;
};

}  // namespace trialog::log
