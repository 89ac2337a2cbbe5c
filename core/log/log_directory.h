#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log/partition_log.h"

namespace trialog::log {

class DirectoryState;

/// What `meta.properties` says of a directory. Asked for, an empty text or -1 means "whatever the
/// file says"; what a new directory is not told it makes up.
struct DirectoryIdentity {
  std::string cluster_id;
  std::int32_t node_id = -1;
  std::string directory_id;
};

/// One entry of `log.dirs`: a locked directory with the logs of many partitions in Kafka's layout,
/// its checkpoints, and the loop that writes and syncs what was appended, all partitions together
/// (group commit). After an I/O error the whole directory is given up: every log in it fails, and
/// nothing is retried.
class LogDirectory {
 public:
  /// The options of a partition found on disk or to be created.
  using OptionsFor = std::function<Options(const TopicPartition&)>;

  /// Locks the directory (`busy` if another broker holds it), makes it if it is missing, reads or
  /// writes `meta.properties` (`corrupt` if it names another node or cluster), and recovers every
  /// log in it. Trusts the files only after a clean stop; the mark of that is removed first.
  /// High watermarks that have moved are written down as often as `watermarks_every` says.
  static Task<Result<std::unique_ptr<LogDirectory>>> open(Env& env, Disk::Path path,
                                                          DirectoryIdentity identity,
                                                          OptionsFor options_for,
                                                          Duration watermarks_every = seconds(5));
  ~LogDirectory();

  const Disk::Path& path() const;
  const DirectoryIdentity& identity() const;
  bool failed() const;

  /// In order of topic and partition. Whoever has work under way on a log holds its handle.
  std::vector<std::shared_ptr<PartitionLog>> logs();
  /// Null if there is none.
  std::shared_ptr<PartitionLog> find(const TopicPartition& partition);
  /// Makes the partition's directory durably, with `partition.metadata`; `exists` if there is one.
  Task<Result<std::shared_ptr<PartitionLog>>> create(TopicPartition partition, Uuid topic_id);
  struct NewLog {
    TopicPartition partition;
    Uuid topic_id;
  };
  /// The same for many, which share the syncs: all of them are made, or it fails.
  Task<Status> create(std::vector<NewLog> wanted);
  /// Renames the directory of each of these to "<topic>-<partition>.<uuid>-delete" durably; its
  /// files go after `file_delete_delay_ms`. They share the syncs: all of them are removed, or it
  /// fails; `not_found`, and nothing has changed, if one is not there. None may be named twice. The
  /// logs fail at once: whoever waits on one is woken and told so, and nothing is appended any
  /// more. Handles still held stay usable for reading until they are let go, also past the end of
  /// this directory.
  Task<Status> remove(std::vector<TopicPartition> partitions);
  /// As `remove`, but the directory becomes "<topic>-<partition>.<uuid>-stray" and its files stay:
  /// for a log that no topic we know of accounts for.
  Task<Status> set_aside(TopicPartition partition);

  /// From now on checks the complete segments of all logs, one after the other and over again, at
  /// most so many bytes a second. Called once.
  void scrub(std::int64_t bytes_per_second);
  /// Raised when one of the logs has found damage; see `PartitionLog::damaged`.
  Signal& damage_found();

  /// Writes and syncs everything, writes checkpoints, index tails, producer snapshots and the mark
  /// of a clean stop, which names the broker's epoch as the proof of it (KIP-966). Nothing may be
  /// appended afterwards.
  Task<Status> close(std::int64_t broker_epoch = -1);
  /// What `close` was given before this start; -1 if the last stop was not clean.
  std::int64_t previous_broker_epoch() const;

 private:
  explicit LogDirectory(std::shared_ptr<DirectoryState> state);

  std::shared_ptr<DirectoryState> state_;
};

}  // namespace trialog::log
