#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/topic.h"
#include "core/base/uuid.h"
#include "core/client/client_error.h"
#include "core/client/options.h"
#include "core/env/env.h"

namespace trialog::client {

/// -1 is the broker's default.
struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  std::map<std::string, std::string> configs;

  NewTopic() = default;
  explicit NewTopic(std::string topic, std::int32_t count = -1, std::int16_t replicas = -1)
      : name(std::move(topic)), partitions(count), replication_factor(replicas) {}
};

struct PartitionDescription {
  std::int32_t index = 0;
  NodeId leader{-1};
  Epoch leader_epoch = no_epoch;
  std::vector<NodeId> replicas;
  std::vector<NodeId> in_sync;
};

struct TopicDescription {
  std::string name;
  Uuid id;
  bool internal = false;
  std::vector<PartitionDescription> partitions;
};

struct ClusterDescription {
  std::string id;
  NodeId controller{-1};
  std::map<NodeId, Endpoint> brokers;
};

/// A partition whose replicas are being moved.
struct Reassignment {
  std::vector<NodeId> replicas;
  std::vector<NodeId> adding;
  std::vector<NodeId> removing;
};

enum class ConfigKind : std::int8_t { topic = 2, broker = 4 };

struct ConfigEntry {
  std::optional<std::string> value;
  bool is_default = false;
  bool read_only = false;
};

/// Administers a cluster: each call asks the broker that is responsible, retries what may be tried
/// again, and fails at the latest after `api_timeout`. Destroying it cancels everything; nobody may
/// await one of its methods then.
class Admin {
 public:
  Admin(Env env, ConnectionOptions options);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  ~Admin();

  Task<Answer<void>> create_topic(NewTopic topic);
  Task<Answer<void>> delete_topic(std::string topic);
  /// Grows the topic to `count` partitions.
  Task<Answer<void>> create_partitions(std::string topic, std::int32_t count);
  Task<Answer<std::vector<std::string>>> list_topics();
  Task<Answer<TopicDescription>> describe_topic(std::string topic);
  Task<Answer<ClusterDescription>> describe_cluster();
  using Configs = std::map<std::string, ConfigEntry>;
  Task<Answer<Configs>> describe_configs(ConfigKind kind, std::string name);
  /// Sets the named configs and, where there is no value, puts the default back.
  using ConfigChanges = std::map<std::string, std::optional<std::string>>;
  Task<Answer<void>> alter_configs(ConfigKind kind, std::string name, ConfigChanges changes);
  /// Deletes the records before `end` (-1: all up to the high watermark); gives the new log start.
  Task<Answer<Offset>> delete_records(TopicPartition partition, Offset end);
  /// Lets the preferred replica lead; or, if that is not asked for, any that is alive, at the price
  /// of what it lacks. Fails with election_not_needed where the leader is right already.
  enum class Election : std::int8_t { preferred = 0, unclean = 1 };
  Task<Answer<void>> elect_leader(TopicPartition partition, Election how);
  /// Begins to move the partition to `replicas`, the first of them the preferred leader.
  Task<Answer<void>> reassign(TopicPartition partition, std::vector<NodeId> replicas);
  /// Puts the partition back to where it was before a move that is under way.
  Task<Answer<void>> cancel_reassignment(TopicPartition partition);
  using Reassignments = std::map<TopicPartition, Reassignment>;
  Task<Answer<Reassignments>> reassignments();

 private:
  class Core;
  using Replicas = std::optional<std::vector<NodeId>>;
  Task<Answer<void>> move(TopicPartition partition, Replicas replicas);
  std::unique_ptr<Core> core_;
};

}  // namespace trialog::client
