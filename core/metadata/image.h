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
#include "core/metadata/shared_map.h"

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

/// The levels of a feature that a node can live with, both inclusive.
struct FeatureRange {
  std::string name;
  std::int16_t min = 0;
  std::int16_t max = 0;

  friend bool operator==(const FeatureRange&, const FeatureRange&) = default;
};

/// A broker as it registered. Its epoch is the offset of the registration.
struct Broker {
  NodeId id;
  std::int64_t epoch = -1;
  Uuid incarnation;
  std::vector<BrokerEndpoint> endpoints;
  std::optional<std::string> rack;
  std::vector<Uuid> log_dirs;
  std::vector<FeatureRange> features;
  bool fenced = true;
  bool in_controlled_shutdown = false;

  /// May lead and be in sync: heard from, and not about to go.
  bool active() const { return !fenced && !in_controlled_shutdown; }
  const BrokerEndpoint* endpoint(std::string_view listener) const;
  friend bool operator==(const Broker&, const Broker&) = default;
};

/// A controller as it registered: where it listens, for clients that ask.
struct QuorumController {
  NodeId id;
  Uuid incarnation;
  std::vector<BrokerEndpoint> endpoints;
  std::vector<FeatureRange> features;

  friend bool operator==(const QuorumController&, const QuorumController&) = default;
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
  SharedMap<std::int32_t, Partition> partitions;  // Kafka numbers them from 0 without gaps.

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
  using Controllers = std::map<NodeId, QuorumController>;
  using Topics = SharedMap<std::string, std::shared_ptr<const Topic>>;
  using Features = std::map<std::string, std::int16_t, std::less<>>;

  Image();

  /// Everything below it has been applied.
  Offset end() const { return end_; }
  const Brokers& brokers() const { return *brokers_; }
  /// Null if there is none, as all that follow.
  const Broker* broker(NodeId id) const;
  const Controllers& controllers() const { return *controllers_; }
  /// In order of name.
  const Topics& topics() const { return topics_; }
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
  /// 0 if the feature has none.
  std::int16_t feature(std::string_view name) const;

  /// Why `record` can't follow what is here, or empty. A log that was not damaged gives no reason.
  std::string problem(const Record& record) const;
  /// Carries the record out, which must have no `problem`, and raises `end()` by one. If the
  /// transaction that it is part of is aborted, all but the offsets is as before it began.
  void apply(const Record& record);
  /// What lies before `end` and was not applied says nothing to us.
  void skip_to(Offset end);
  /// What was applied is a snapshot as of `end`, however many records it took.
  void stands_at(Offset end) { end_ = end; }

  friend bool operator==(const Image& a, const Image& b);

 private:
  friend std::vector<Record> records_of(const Image& image);
  using Names = SharedMap<Uuid, std::string>;
  using Configs = SharedMap<Resource, std::shared_ptr<const Settings>>;

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
  void change(const protocol::RegisterControllerRecord& record);
  void change(const protocol::ClearElrRecord& record);
  Broker& own_broker(NodeId id);
  Topic& own_topic(const Uuid& id);

  Offset end_{0};
  // Shared with other images, and never changed while they are.
  std::shared_ptr<Brokers> brokers_;
  std::shared_ptr<Controllers> controllers_;
  std::shared_ptr<Features> features_;
  Topics topics_;
  Names names_;
  Configs configs_;
  ProducerId next_producer_id_{0};
  std::shared_ptr<const Image> before_;  // The transaction that is under way.
};

/// The fewest records that make an empty image what this one is, but for its end: what a snapshot
/// of the metadata log holds (KIP-630). No transaction may be under way.
std::vector<Record> records_of(const Image& image);

}  // namespace trialog::metadata
