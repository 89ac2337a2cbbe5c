#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/uuid.h"
#include "core/metadata/config_table.h"
#include "core/metadata/records.h"

namespace trialog::metadata {

inline constexpr NodeId no_leader{-1};

/// Where clients reach a broker, under the name of one of its listeners.
struct BrokerEndpoint {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  std::int16_t security_protocol = 0;  // PLAINTEXT

  friend bool operator==(const BrokerEndpoint&, const BrokerEndpoint&) = default;
};

/// A broker as it registered. Its epoch is the offset of the registration.
struct Broker {
  NodeId id;
  std::int64_t epoch = -1;
  Uuid incarnation;
  std::vector<BrokerEndpoint> endpoints;
  std::optional<std::string> rack;
  std::vector<Uuid> log_dirs;
  bool fenced = true;
  bool in_controlled_shutdown = false;

  const BrokerEndpoint* endpoint(std::string_view listener) const;
  friend bool operator==(const Broker&, const Broker&) = default;
};

/// What the controller decided about one partition. The leader epoch rises with each election, the
/// partition epoch with each change of anything.
struct Partition {
  std::vector<NodeId> replicas;  // In order of preference.
  std::vector<NodeId> isr;
  std::vector<NodeId> adding;
  std::vector<NodeId> removing;
  std::vector<NodeId> eligible;    // Eligible leader replicas (KIP-966).
  std::vector<NodeId> last_known;  // The last of them.
  std::vector<Uuid> directories;   // One for each of `replicas`; zero where not known.
  NodeId leader = no_leader;
  Epoch leader_epoch = no_epoch;
  std::int32_t partition_epoch = -1;
  bool recovering = false;  // From an unclean election.

  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Topic {
  std::string name;
  Uuid id;
  std::map<std::int32_t, Partition> partitions;  // Kafka numbers them from 0 without gaps.

  /// Null if there is none.
  const Partition* partition(std::int32_t index) const;
  friend bool operator==(const Topic&, const Topic&) = default;
};

/// What settings may belong to, with Kafka's numbers.
enum class ResourceType : std::int8_t {
  unknown = 0,
  topic = 2,
  broker = 4,  // The name is a broker's id, or empty for the defaults of all brokers.
  broker_logger = 8,
  client_metrics = 16,
  group = 32,
};
struct Resource {
  ResourceType type = ResourceType::unknown;
  std::string name;
  friend auto operator<=>(const Resource&, const Resource&) = default;
};

/// What the cluster looked like at one offset of the metadata log. A value: a copy costs a few
/// pointers, and `apply` on one copy leaves the others as they are, for it copies what it touches
/// and shares the rest. Who holds a `std::shared_ptr<const Image>` may read it as long as they
/// like; no reference taken from it outlives it.
class Image {
 public:
  using Brokers = std::map<NodeId, Broker>;
  using Topics = std::map<std::string, std::shared_ptr<const Topic>, std::less<>>;
  using Features = std::map<std::string, std::int16_t, std::less<>>;

  Image();

  /// Everything below it has been applied.
  Offset end() const { return end_; }
  const Brokers& brokers() const { return *brokers_; }
  /// Null if there is none, as all that follow.
  const Broker* broker(NodeId id) const;
  /// In order of name.
  const Topics& topics() const { return topics_->by_name; }
  std::shared_ptr<const Topic> topic(std::string_view name) const;
  std::shared_ptr<const Topic> topic(const Uuid& id) const;
  const Partition* partition(std::string_view topic, std::int32_t index) const;
  /// What was set at run time for a resource; empty if nothing.
  const Settings& settings(const Resource& resource) const;
  /// What holds for a broker: what its file says, with what was set at run time over it.
  Settings broker_settings(NodeId id, const Settings& file) const;
  /// The first producer id that no block has given out.
  ProducerId next_producer_id() const { return next_producer_id_; }
  /// A transaction has begun and neither ended nor been aborted: what it changed is not settled.
  bool in_transaction() const { return before_ != nullptr; }
  /// The finalized levels, such as that of "metadata.version".
  const Features& features() const { return *features_; }

  /// Why `record` can't follow what is here, or empty. A log that was not damaged gives no reason.
  std::string problem(const Record& record) const;
  /// Carries the record out, which must have no `problem`, and raises `end()` by one. If the
  /// transaction that it is part of is aborted, all but the offsets is as before it began.
  void apply(const Record& record);
  /// What lies before `end` and was not applied says nothing to us.
  void skip_to(Offset end);

  friend bool operator==(const Image& a, const Image& b);

 private:
  struct TopicIndex {
    Topics by_name;
    std::map<Uuid, std::string> names;
  };
  using Configs = std::map<Resource, std::shared_ptr<const Settings>>;

  void change(const protocol::RegisterBrokerRecord& record);
  void change(const protocol::UnregisterBrokerRecord& record);
  void change(const protocol::FenceBrokerRecord& record);
  void change(const protocol::UnfenceBrokerRecord& record);
  void change(const protocol::BrokerRegistrationChangeRecord& record);
  void change(const protocol::TopicRecord& record);
  void change(const protocol::PartitionRecord& record);
  void change(const protocol::PartitionChangeRecord& record);
  void change(const protocol::RemoveTopicRecord& record);
  void change(const protocol::ConfigRecord& record);
  void change(const protocol::FeatureLevelRecord& record);
  void change(const protocol::ProducerIdsRecord& record);
  void change(const protocol::BeginTransactionRecord& record);
  void change(const protocol::EndTransactionRecord& record);
  void change(const protocol::AbortTransactionRecord& record);
  Broker& own_broker(NodeId id);
  Topic& own_topic(const Uuid& id);

  Offset end_{0};
  // Shared with other images, and never changed while they are.
  std::shared_ptr<Brokers> brokers_;
  std::shared_ptr<TopicIndex> topics_;
  std::shared_ptr<Configs> configs_;
  std::shared_ptr<Features> features_;
  ProducerId next_producer_id_{0};
  std::shared_ptr<const Image> before_;  // The transaction that is under way.
};

}  // namespace trialog::metadata
