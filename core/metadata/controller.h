#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/decision.h"
#include "core/base/random.h"
#include "core/metadata/config_changes.h"
#include "core/metadata/image.h"
#include "core/metadata/placement.h"
#include "core/protocol/messages/alter_configs.h"
#include "core/protocol/messages/create_partitions.h"
#include "core/protocol/messages/create_topics.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/incremental_alter_configs.h"

namespace trialog::metadata {

/// The finalized level of "metadata.version" that a new log begins with: Kafka's 4.3-IV0.
inline constexpr std::int16_t metadata_version_level = 30;
/// How many partitions one request may make, over all its topics.
inline constexpr std::int32_t max_partitions_per_request = 10'000;
/// How many producer ids are handed out at once, and written down before any of them is used.
inline constexpr std::int64_t producer_id_block = 1000;

struct ControllerOptions {
  NodeId self;
  std::int32_t num_partitions = 1;
  std::int32_t default_replication_factor = 1;
  bool delete_topics = true;
  /// What the broker's file says: the defaults of topics come from it.
  Settings settings;
  /// Topic ids are drawn from it.
  Random random{0};
};

/// How a broker presents itself when it starts.
struct Registration {
  NodeId id;
  Uuid incarnation;  // Another one each time the broker starts.
  std::vector<BrokerEndpoint> endpoints;
  std::optional<std::string> rack;
  std::vector<Uuid> log_dirs;
};
struct Registered {
  std::int64_t broker_epoch = -1;
};

/// Ids that nobody else has or will have: [first, first + size).
struct ProducerIds {
  ProducerId first;
  std::int64_t size = 0;
};

/// The brain of the cluster while this node leads the metadata log: brokers, topics, leaders,
/// in-sync sets and settings. Pure. The records it emits are the only way in which anything
/// changes. Each request gets one answer, under its ticket, with one result for everything it named
/// and Kafka's errors and texts.
class Controller {
 public:
  using Record = metadata::Record;
  using Reply = std::variant<protocol::CreateTopicsResponse, protocol::DeleteTopicsResponse,
                             protocol::CreatePartitionsResponse, protocol::AlterConfigsResponse,
                             protocol::IncrementalAlterConfigsResponse, Registered, ProducerIds>;
  using Decision = trialog::Decision<Record, Reply>;

  explicit Controller(ControllerOptions options);

  /// A broker begins: the features' levels if the log is new, its registration, and a new leader
  /// epoch for every partition that it leads, since what it had not synced may be gone and no
  /// offset may be given twice in one epoch. Answers `Registered`.
  Decision register_broker(Instant now, Ticket ticket, const Registration& registration);

  Decision create_topics(Instant now, Ticket ticket, const protocol::CreateTopicsRequest& request);
  /// As if they had been asked for with the defaults of this cluster: for Metadata.
  Decision auto_create(Instant now, Ticket ticket, const std::vector<std::string>& names);
  Decision delete_topics(Instant now, Ticket ticket, const protocol::DeleteTopicsRequest& request);
  Decision create_partitions(Instant now, Ticket ticket,
                             const protocol::CreatePartitionsRequest& request);
  /// Replaces all settings of each resource.
  Decision alter_configs(Instant now, Ticket ticket, const protocol::AlterConfigsRequest& request);
  Decision incremental_alter_configs(Instant now, Ticket ticket,
                                     const protocol::IncrementalAlterConfigsRequest& request);
  /// A block of ids, never given out again, also not after a crash. Answers `ProducerIds`.
  Decision allocate_producer_ids(Instant now, Ticket ticket, NodeId broker);

  /// One broker falls silent only together with its controller: nothing is ever due.
  Decision on_time(Instant now);
  Instant deadline() const { return never; }

  void apply(const Record& record) { image_.apply(record); }
  /// The next record will have this offset: what came in between was none of ours.
  void skip_to(Offset end) { image_.skip_to(end); }

  /// Everything applied, committed or not.
  const Image& image() const { return image_; }

 private:
  using NewTopic = protocol::CreateTopicsRequest::CreatableTopic;
  using NewTopicResult = protocol::CreateTopicsResponse::CreatableTopicResult;
  using MorePartitions = protocol::CreatePartitionsRequest::CreatePartitionsTopic;

  std::expected<NewTopicResult, Refusal> create(const NewTopic& topic, DirectoryLoad& load,
                                                std::vector<Record>& records);
  std::expected<std::vector<Replicas>, Refusal> placement_for(const NewTopic& topic);
  NewTopicResult created(const NewTopic& topic, const Uuid& id,
                         const std::vector<Replicas>& placement) const;
  std::optional<Refusal> grow(const MorePartitions& more, DirectoryLoad& load,
                              std::vector<Record>& records);
  std::expected<std::vector<Replicas>, Refusal> placement_for(const MorePartitions& more,
                                                              const Topic& topic);
  std::optional<Refusal> alter(const Resource& resource, const std::vector<ConfigChange>& changes,
                               bool incremental, std::vector<Record>& records) const;
  template <class Response, class Request>
  Decision alter_all(Ticket ticket, const Request& request, bool incremental) const;

  ControllerOptions options_;
  Image image_;
};

static_assert(LoggedMachine<Controller>);

}  // namespace trialog::metadata
