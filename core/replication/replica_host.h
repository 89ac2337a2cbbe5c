#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/topic.h"
#include "core/log/log_directory.h"
#include "core/metadata/image.h"

namespace trialog::replication {

/// One partition that this node has a replica of, as of some image. Never changes: an image that
/// says something else makes another one. Whoever is about to wait takes a copy of `log` first; if
/// the topic is deleted meanwhile, the log fails under them.
struct Replica {
  TopicPartition partition;
  Uuid topic_id;
  /// Null if the directory that held it, or should, has failed: kafka_storage_error.
  std::shared_ptr<log::PartitionLog> log;
  NodeId leader;
  Epoch leader_epoch;
  std::int32_t partition_epoch = -1;
  std::shared_ptr<const metadata::Topic> topic;
};

/// Keeps this node's logs as the image says: one for each partition that it has a replica of, each
/// with the topic's settings. Topics are known by their ids: a log under the right name with
/// another id, or of no topic at all, is a stray and is set aside, never used and never deleted.
class ReplicaHost {
 public:
  /// The settings of a topic and of the broker, as the logs understand them.
  using LogOptions = std::function<log::Options(const metadata::Settings& topic,
                                                const metadata::Settings& broker)>;

  /// `directories` must outlive it. `file` are the broker's settings as its file has them.
  ReplicaHost(Env& env, std::vector<log::LogDirectory*> directories, NodeId self,
              metadata::Settings file, LogOptions log_options);

  /// Creates the logs of new partitions, each in the directory that the controller chose; removes
  /// those of deleted topics; sets the options of all; begins new leader epochs. Images must come
  /// in order, one at a time. An error only if no directory is left: the node must stop.
  Task<Status> apply(std::shared_ptr<const metadata::Image> image);

  /// Null if this node has no replica of it in the image applied last.
  std::shared_ptr<const Replica> find(std::string_view topic, std::int32_t partition) const;
  std::shared_ptr<const Replica> find(const Uuid& topic_id, std::int32_t partition) const;
  /// In order of topic and partition.
  std::vector<std::shared_ptr<const Replica>> replicas() const;

  /// Lets every log drop what its topic's retention allows, again and again until destroyed.
  Task<void> retain(Duration interval);

 private:
  using Key = std::pair<Uuid, std::int32_t>;

  Task<void> remove_deleted(const metadata::Image& image);
  Task<void> set_strays_aside(const metadata::Image& image);
  /// Makes the topic's logs here, and its replicas, what the topic and its settings say.
  Task<void> take_over(std::shared_ptr<const metadata::Topic> topic,
                       const metadata::Settings& settings);
  /// The log of a partition that is new to us: one found on disk, else one created in the directory
  /// that it was assigned to. Null if that is not to be had.
  Task<std::shared_ptr<log::PartitionLog>> log_for(const metadata::Topic& topic, std::int32_t index,
                                                   Uuid assigned);
  log::LogDirectory* directory_with(const TopicPartition& partition, const Uuid& topic_id) const;
  log::LogDirectory* directory_named(const Uuid& id) const;
  log::LogDirectory* emptiest() const;
  void note(const Status& done, std::string_view kind, const TopicPartition& partition) const;

  Env& env_;
  std::vector<log::LogDirectory*> directories_;
  NodeId self_;
  metadata::Settings file_;
  LogOptions log_options_;
  metadata::Settings broker_;  // What holds for the broker, as of `image_`.
  bool begun_ = false;  // An image has been applied; what is on disk has been looked through.
  std::shared_ptr<const metadata::Image> image_;
  std::map<Key, std::shared_ptr<const Replica>> replicas_;
};

}  // namespace trialog::replication
