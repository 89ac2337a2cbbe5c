#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/env/disk.h"
#include "core/log/batch_header.h"
#include "core/log/damage.h"
#include "core/log/offset_index.h"
#include "core/log/options.h"
#include "core/log/time_index.h"

namespace trialog::log {

/// A stretch of a log in a file of its own, with its two indexes. Knows where every batch will
/// stand before it is written, so that a batch can be placed without waiting.
///
/// Always true: written() <= size(). The indexes are in memory while batches are added; afterwards
/// they may be forgotten and are read back when somebody looks something up.
class Segment {
 public:
  Segment(Disk& disk, Disk::Path directory, Offset base, WallTime created);

  Offset base() const { return base_; }
  /// With what has been added but not yet written.
  std::uint64_t size() const { return size_; }
  std::uint64_t written() const { return written_; }
  /// Behind the last batch; the base if there is none.
  Offset end() const { return end_; }
  /// Of all batches; -1 if none has any.
  std::int64_t largest_timestamp() const { return largest_.timestamp; }
  Disk::Path path(std::string_view suffix) const;
  /// The directory has been renamed.
  void move_to(Disk::Path directory) { directory_ = std::move(directory); }

  /// Whether a batch must go to a new segment (SEMANTICS 14.1).
  bool must_roll(const BatchHeader& batch, const Options& options, WallTime now) const;
  /// The batch that stands at `size()`.
  void add(const BatchHeader& batch, const Options& options);
  /// The time index's last entry: no batch follows.
  void finish();

  /// Makes the file, empty, and its indexes' files, which Kafka's tools miss if they are not there;
  /// no name is durable yet.
  Task<Status> make();
  bool made() const { return made_; }
  /// Writes batches that were added, behind those written before.
  Task<Status> write(Chain batches);
  /// Writes what the index files don't have yet.
  Task<Status> write_indexes();
  /// Makes the batches durable; with `indexes`, those too.
  Task<Status> sync(bool indexes);
  std::size_t unwritten_index_bytes() const;

  /// The file, opened when first needed.
  Task<Result<std::shared_ptr<File>>> file();
  /// Reads the index files back, or builds the indexes from the batches if they are missing or
  /// wrong; the segment must be complete.
  Task<Status> load_indexes(const Options& options);
  /// Builds the indexes from the batches; what is damaged is noted and left out.
  Task<Status> rebuild_indexes(const Options& options);
  bool indexed() const { return indexed_; }
  Task<Status> indexed_now(const Options& options);
  void forget_indexes();
  /// They must be in memory.
  const OffsetIndex& offsets() const { return offsets_; }
  const TimeIndex& times() const { return times_; }

  /// What is known to be damaged, in order.
  const std::vector<Damage>& damage() const { return damage_; }
  void note_damage(const Damage& damage) { add_damage(damage_, damage); }

  /// What recovery found out. See recovery.h.
  Task<Status> load_largest(const Options& options);
  void adopt(std::shared_ptr<File> file, std::uint64_t size, Offset end);
  void adopt_indexes(OffsetIndex offsets, TimeIndex times, bool in_files);
  /// The same, up to a batch that begins at `position`; its end and its largest timestamp only as
  /// far as the indexes tell. They must be in memory.
  std::shared_ptr<Segment> cut(std::shared_ptr<File> file, std::uint64_t position) const;
  /// The same, of which `damage` was mended in `file`, which has `change` bytes more. Reads it;
  /// `corrupt` unless all of it but other damage is sound.
  Task<Result<std::shared_ptr<Segment>>> repaired(std::shared_ptr<File> file, Damage damage,
                                                  std::int64_t change, Offset end, Options options);
  /// Removes the index files, durably.
  Task<Status> remove_indexes();
  /// Writes the index files anew, durably.
  Task<Status> replace_indexes();
  /// Begins again: no batches, no entries.
  void reset();
  /// Damage that stands at `size()`, instead of a batch.
  void add_damaged(const Damage& damage);
  /// A batch that is in the files but not in the indexes, behind their last entries.
  void adopt_batch(const BatchHeader& batch);
  void set_first_timestamp(std::int64_t timestamp) { first_timestamp_ = timestamp; }
  void set_largest(std::int64_t timestamp, Offset last_offset);

 private:
  struct Largest {
    std::int64_t timestamp = -1;
    Offset last_offset;
  };
  /// The end of an index file that grows with the segment.
  struct IndexFile {
    std::shared_ptr<File> file;
    std::size_t entries = 0;  // How many it has.
  };
  /// The file must hold `have` bytes, and gets `entries` behind them.
  Task<Status> append_to(IndexFile& index, std::string_view suffix, std::size_t have,
                         Bytes entries);
  void add_time_entry();

  Disk& disk_;
  Disk::Path directory_;
  Offset base_;
  WallTime created_;
  std::shared_ptr<File> file_;
  bool made_ = false;
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;
  Offset end_;
  Largest largest_;
  std::int64_t first_timestamp_ = -1;
  std::int64_t since_entry_ = 0;
  bool indexed_ = true;
  OffsetIndex offsets_;
  TimeIndex times_;
  IndexFile offset_file_;
  IndexFile time_file_;
  std::vector<Damage> damage_;
};

}  // namespace trialog::log
