#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log/partition_log.h"

namespace trialog::log {

/// What `meta.properties` says of a directory.
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
  static Task<Result<std::unique_ptr<LogDirectory>>> open(Env& env, Disk::Path path,
                                                          DirectoryIdentity identity,
                                                          OptionsFor options_for);
  ~LogDirectory();

  const Disk::Path& path() const;
  const DirectoryIdentity& identity() const;
  bool failed() const;

  /// In order of topic and partition.
  std::vector<PartitionLog*> logs();
  /// Null if there is none.
  PartitionLog* find(const TopicPartition& partition);
  /// Makes the partition's directory durably, with `partition.metadata`; `exists` if there is one.
  Task<Result<PartitionLog*>> create(TopicPartition partition, Uuid topic_id);
  /// Renames the directory to "<topic>-<partition>.<uuid>-delete" durably; its files go after
  /// `file_delete_delay_ms`. The `PartitionLog` is destroyed: nobody may still use it.
  Task<Status> remove(TopicPartition partition);

  /// Writes and syncs everything, writes checkpoints, index tails, producer snapshots and the mark
  /// of a clean stop. Nothing may be appended afterwards.
  Task<Status> close();
};

}  // namespace trialog::log
