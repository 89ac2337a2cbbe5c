#pragma once

#include <vector>

#include "core/env/env.h"
#include "core/log/partition_log.h"

namespace trialog::log {

/// From this many files on, one sync of everything is cheaper than one for each.
inline constexpr std::size_t sync_all_from = 4;

/// Writes and syncs what was appended to the logs of one directory: one loop writes all that is
/// queued, a second one makes what was written durable, all logs together, while the first goes on.
/// So one sync serves everybody who waits, whatever the number of partitions.
class Committer {
 public:
  Committer(Env& env, DirectoryState& directory);

  /// Begins the two loops in `tasks`.
  void run(TaskGroup& tasks);
  /// The log has something in its queue.
  void wake_for(PartitionLog& log);
  /// The log has something that only lacks a sync.
  void sync_for(PartitionLog& log);
  /// Returns when nothing is queued or unsynced, or the directory failed.
  Task<void> drained();
  /// Returns when neither loop uses any of these logs, which have been removed, nor will.
  Task<void> release(const std::vector<std::shared_ptr<PartitionLog>>& logs);
  /// Raised after each round of either loop, and when a segment has settled.
  Signal::Wait idle() { return idle_.wait(); }
  void wake_idle() { idle_.raise(); }
  /// Wakes everybody, to see that the directory failed.
  void wake_all();

 private:
  Task<void> write_loop();
  Task<void> sync_loop();
  Task<bool> write(PartitionLog& log);
  Task<Status> sync(const std::vector<PartitionLog*>& logs);
  Task<Status> sync_alone(PartitionLog& log);
  void forget_removed();
  std::vector<PartitionLog*> take_ready();
  std::vector<PartitionLog*> take_unsynced();

  Env& env_;
  DirectoryState& directory_;
  std::vector<PartitionLog*> ready_;
  std::vector<PartitionLog*> unsynced_;
  Signal to_write_;
  Signal to_sync_;
  Signal idle_;
  bool writing_ = false;
  bool syncing_ = false;
};

}  // namespace trialog::log
