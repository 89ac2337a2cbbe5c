#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/log/directory_state.h"

namespace trialog::log {

/// Forgets the aborted transactions that ended at or behind `end`, if the file is there.
Task<Status> cut_aborted_index(Disk& disk, Disk::Path path, Offset end);

/// Opens the log of one partition (SEMANTICS 17). After a clean stop the files are trusted and
/// little is read. Else every segment from the recovery point on is read batch by batch; at the
/// first that is not whole, the log is cut, and what lies behind is removed: unless it must have
/// been durable, and what follows is whole again; then the disk has damaged it, and only that is
/// lost. Doing it again after a crash in the middle gives the same.
class Recovery {
 public:
  struct Marks {
    bool clean = false;     // The last stop was clean.
    Offset recovery_point;  // Before it everything was durable.
    Offset start;           // Where the log begins, as far as that was written down.
    Offset high_watermark;  // Before it everything counted.
  };

  Recovery(DirectoryState& directory, PartitionLog& log, Marks marks);

  /// An error is one that the operator must look at, or of the disk.
  Task<Status> run();
  /// Only this: the producers as the newest sound snapshot and the batches behind it tell, for a
  /// log that has become shorter.
  Task<Status> reload_producers();
  /// The directory was left by a crash before its creation ended: it holds nothing.
  bool abandoned() const { return abandoned_; }
  /// Whether files were changed, so that a sync is due before the log is used.
  bool changed() const { return changed_; }

 private:
  struct Found {
    Offset base;
    std::uint64_t size = 0;
  };

  Task<Status> sort_out_files();
  Task<Status> replace_swapped();
  Task<Status> read_metadata();
  Task<Status> remove(std::string name);
  Task<Status> remove_segment(Offset base);

  Task<Status> load_segments();
  Task<Status> drop_before_start();
  Task<Status> trust(Segment& segment, bool last, Offset next_base);
  Task<Status> trust_tail(Segment& segment, bool& whole);
  Task<Status> look_through(Segment& segment, Offset next_base, bool& cut);
  Task<Result<std::optional<Damage>>> damage_at(std::shared_ptr<File> file, std::uint64_t size,
                                                const Segment& segment, std::uint64_t position,
                                                Offset next_base);
  bool was_durable(Offset offset) const;
  Task<Status> cut_at(File& file, std::uint64_t position, const Segment& segment,
                      const std::string& why);
  Task<Result<std::uint64_t>> end_by_index(Segment& segment, std::uint64_t size);
  Task<Status> remove_from(std::size_t index);
  Task<Status> begin_again(Offset start);

  Task<Status> load_epochs();
  Task<Status> epochs_from_batches(std::size_t segments);
  Task<Status> load_producers();
  Task<Status> replay_producers(Offset from);

  Env& env_;
  DirectoryState& directory_;
  PartitionLog& log_;
  Marks marks_;
  std::set<std::string> names_;
  std::vector<Found> found_;
  std::set<Offset> snapshots_;
  std::size_t first_replayed_ = 0;
  bool abandoned_ = false;
  bool changed_ = false;
};

}  // namespace trialog::log
