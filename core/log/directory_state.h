#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/env/env.h"
#include "core/log/checkpoint.h"
#include "core/log/committer.h"
#include "core/log/log_directory.h"
#include "core/log/read_memory.h"

namespace trialog::log {

inline constexpr std::string_view recovery_points_name = "recovery-point-offset-checkpoint";
inline constexpr std::string_view high_watermarks_name = "replication-offset-checkpoint";
inline constexpr std::string_view starts_name = "log-start-offset-checkpoint";

/// What a `LogDirectory` is made of, as its logs see it: the commit loop, the checkpoints, the
/// bound on memory, and whether it has been given up. A log that is still held keeps it alive, but
/// after `end` nothing is written any more.
class DirectoryState : public std::enable_shared_from_this<DirectoryState> {
 public:
  using Logs = std::map<TopicPartition, std::shared_ptr<PartitionLog>>;
  using LogList = std::vector<std::shared_ptr<PartitionLog>>;

  DirectoryState(Env& env, Disk::Path path, DirectoryIdentity identity,
                 LogDirectory::OptionsFor options_for);
  ~DirectoryState();

  Env& env() { return env_; }
  const Disk::Path& path() const { return path_; }
  const DirectoryIdentity& identity() const { return identity_; }
  Logs& logs() { return logs_; }
  Committer& committer() { return committer_; }
  TaskGroup& tasks() { return *tasks_; }

  bool failed() const { return failed_ || ended_; }
  bool given_up() const { return failed_; }
  /// No more writes, no more answers: what is in the files is unknown.
  void give_up(const IoError& error);
  /// A log may no longer be appended to.
  bool closed() const { return closed_; }

  /// Lock, identity, checkpoints, every log.
  Task<Status> open(Duration watermarks_every);
  Task<Status> create(std::vector<LogDirectory::NewLog> wanted);
  Task<Status> remove(std::vector<TopicPartition> partitions);
  Task<Status> set_aside(TopicPartition partition);
  Task<Status> close(std::int64_t broker_epoch);
  std::int64_t previous_broker_epoch() const { return previous_broker_epoch_; }
  void scrub(std::size_t bytes_per_second);
  /// Cancels everything under way and gives the lock back.
  void end();

  /// Writes down where each log begins, durably.
  Task<Status> checkpoint_starts();
  /// Writes down from where each log must be looked through after a crash.
  Task<Status> checkpoint_recovery_points();
  /// The same within a second: a segment is complete and need not be looked through again.
  void checkpoint_soon();
  /// Removes the files after `delay`, and then `directory` unless that is empty.
  void remove_later(std::vector<Disk::Path> files, Duration delay, Disk::Path directory);
  /// Raised when a log of this directory notes damage.
  Signal& damage_found() { return damage_found_; }
  ReadMemory& read_memory() { return read_memory_; }
  /// `count` bytes more are kept in memory for readers.
  void cached(std::int64_t count);

 private:
  void wake_waiters();
  Task<Status> take_lock();
  Task<Status> check_identity();
  Task<Status> take_clean_mark();
  Task<Result<OffsetCheckpoint>> read_checkpoint(std::string_view name);
  Task<Status> write_checkpoint(std::string_view name, OffsetCheckpoint offsets);
  Task<Status> open_logs();
  Task<Status> open_log(TopicPartition partition);
  Task<Status> make_files(const LogList& logs);
  Task<Status> make_segment(PartitionLog& log);
  Task<Result<LogList>> rename_away(std::vector<TopicPartition> partitions, std::string_view why);
  Task<Status> move_away(const LogList& logs, std::string_view why);
  Task<Status> finish_opening();
  Task<Status> write_all_checkpoints();
  Task<void> remove_files(std::vector<Disk::Path> files, Duration delay, Disk::Path directory);
  Task<Status> checkpoint_watermarks();
  Task<Status> write_watermarks();
  Task<void> checkpoint_watermarks_every(Duration interval);
  Task<void> scrub_all(std::size_t bytes_per_second);
  Task<void> checkpoint_now_and_then();
  Task<void> checkpoint_after_rolls();

  Env& env_;
  Disk::Path path_;
  DirectoryIdentity identity_;
  LogDirectory::OptionsFor options_for_;
  std::unique_ptr<DirectoryLock> lock_;
  Random random_;
  bool failed_ = false;
  bool ended_ = false;
  bool closed_ = false;
  bool clean_ = false;
  std::int64_t previous_broker_epoch_ = -1;
  bool changed_ = false;
  std::set<TopicPartition> creating_;
  bool checkpointing_ = false;
  bool checkpoint_due_ = false;
  Signal checkpointed_;
  Signal damage_found_;
  OffsetCheckpoint starts_;
  OffsetCheckpoint recovery_points_;
  OffsetCheckpoint watermarks_;
  std::int64_t cached_ = 0;
  ReadMemory read_memory_;
  Committer committer_;
  Logs logs_;
  std::unique_ptr<TaskGroup> tasks_;
};

}  // namespace trialog::log
