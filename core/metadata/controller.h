#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bugs.h"
#include "core/base/decision.h"
#include "core/base/random.h"
#include "core/metadata/broker_state.h"
#include "core/metadata/config_changes.h"
#include "core/metadata/image.h"
#include "core/metadata/partition_change.h"
#include "core/metadata/partition_index.h"
#include "core/metadata/placement.h"
#include "core/metadata/sessions.h"
#include "core/protocol/messages/allocate_producer_ids.h"
#include "core/protocol/messages/alter_configs.h"
#include "core/protocol/messages/alter_partition.h"
#include "core/protocol/messages/alter_partition_reassignments.h"
#include "core/protocol/messages/assign_replicas_to_dirs.h"
#include "core/protocol/messages/broker_heartbeat.h"
#include "core/protocol/messages/broker_registration.h"
#include "core/protocol/messages/controller_registration.h"
#include "core/protocol/messages/create_partitions.h"
#include "core/protocol/messages/create_topics.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/elect_leaders.h"
#include "core/protocol/messages/incremental_alter_configs.h"
#include "core/protocol/messages/list_partition_reassignments.h"
#include "core/protocol/messages/unregister_broker.h"
#include "core/protocol/messages/update_features.h"

namespace trialog::metadata {

/// How many partitions one request may make, over all its topics.
inline constexpr std::int32_t max_partitions_per_request = 10'000;
/// How many producer ids are handed out at once, and written down before any of them is used.
inline constexpr std::int64_t producer_id_block = 1000;

struct ControllerOptions {
  NodeId self;
  std::int32_t num_partitions = 1;
  std::int32_t default_replication_factor = 1;
  bool delete_topics = true;
  /// Brokers of another cluster are refused; empty refuses none.
  std::string cluster_id;
  /// A broker that is silent for longer is fenced.
  Duration session_timeout = seconds(9);
  /// Whether leaderships go back to the preferred replicas by themselves, and how often.
  bool auto_leader_rebalance = true;
  Duration leader_imbalance_check_interval = seconds(300);
  /// What the broker's file says: the defaults of topics come from it.
  Settings settings;
  Bugs bugs;
  /// Topic ids are drawn from it.
  Random random{0};
};

/// The brain of the cluster while this node leads the metadata log: brokers, topics, leaders,
/// in-sync sets and settings (KIP-631, 841, 903, 966). Pure. The records it emits are the only way
/// in which anything changes. Each request gets one answer, under its ticket, with one result for
/// everything it named and Kafka's errors and texts.
///
/// One decision's records count together or not at all. If they are too many for one batch they
/// come with BeginTransactionRecord and EndTransactionRecord around them, see `batches.h`.
///
/// When which broker was heard is known to this object alone. What it decided by that is in the
/// records, so its successor begins with a fresh session for everybody (`on_elected`).
class Controller {
 public:
  using Record = metadata::Record;
  using Reply =
      std::variant<protocol::CreateTopicsResponse, protocol::DeleteTopicsResponse,
                   protocol::CreatePartitionsResponse, protocol::AlterConfigsResponse,
                   protocol::IncrementalAlterConfigsResponse, protocol::BrokerRegistrationResponse,
                   protocol::BrokerHeartbeatResponse, protocol::UnregisterBrokerResponse,
                   protocol::ControllerRegistrationResponse, protocol::AlterPartitionResponse,
                   protocol::ElectLeadersResponse, protocol::AlterPartitionReassignmentsResponse,
                   protocol::ListPartitionReassignmentsResponse,
                   protocol::AllocateProducerIdsResponse, protocol::UpdateFeaturesResponse,
                   protocol::AssignReplicasToDirsResponse>;
  using Decision = trialog::Decision<Record, Reply>;

  /// Goes on from what is in the log so far, as the leader of it in `epoch`.
  Controller(ControllerOptions options, Image image, Epoch epoch, Instant now);

  /// Before anything else is asked: what a new log begins with, the abort of a transaction whose
  /// controller is gone, and a fresh session for every broker. No answer.
  Decision on_elected(Instant now);

  /// A broker begins (KIP-631). Its epoch is the offset of its registration; it is fenced until a
  /// heartbeat says that it has read so far. The same incarnation keeps what it had. Without proof
  /// of a clean shutdown, which is the epoch that it had then, the broker may have lost what it had
  /// not synced: no partition counts it as in sync or eligible any more (KIP-966).
  Decision broker_registration(Instant now, Ticket ticket,
                               const protocol::BrokerRegistrationRequest& request);
  /// A broker is there, and may want to come, to be fenced or to go.
  Decision broker_heartbeat(Instant now, Ticket ticket,
                            const protocol::BrokerHeartbeatRequest& request);
  Decision unregister_broker(Instant now, Ticket ticket,
                             const protocol::UnregisterBrokerRequest& request);
  Decision controller_registration(Instant now, Ticket ticket,
                                   const protocol::ControllerRegistrationRequest& request);
  /// A leader proposes in-sync sets (KIP-497).
  Decision alter_partition(Instant now, Ticket ticket,
                           const protocol::AlterPartitionRequest& request);
  Decision elect_leaders(Instant now, Ticket ticket, const protocol::ElectLeadersRequest& request);
  /// KIP-455.
  Decision alter_partition_reassignments(
      Instant now, Ticket ticket, const protocol::AlterPartitionReassignmentsRequest& request);
  Decision list_partition_reassignments(Instant now, Ticket ticket,
                                        const protocol::ListPartitionReassignmentsRequest& request);
  /// A block of ids, never given out again, also not after a crash.
  Decision allocate_producer_ids(Instant now, Ticket ticket,
                                 const protocol::AllocateProducerIdsRequest& request);
  Decision update_features(Instant now, Ticket ticket,
                           const protocol::UpdateFeaturesRequest& request);
  /// KIP-858: where a broker keeps its replicas is written down.
  Decision assign_replicas_to_dirs(Instant now, Ticket ticket,
                                   const protocol::AssignReplicasToDirsRequest& request);

  Decision create_topics(Instant now, Ticket ticket, const protocol::CreateTopicsRequest& request);
  Decision delete_topics(Instant now, Ticket ticket, const protocol::DeleteTopicsRequest& request);
  Decision create_partitions(Instant now, Ticket ticket,
                             const protocol::CreatePartitionsRequest& request);
  /// Replaces all settings of each resource.
  Decision alter_configs(Instant now, Ticket ticket, const protocol::AlterConfigsRequest& request);
  Decision incremental_alter_configs(Instant now, Ticket ticket,
                                     const protocol::IncrementalAlterConfigsRequest& request);

  /// One thing that is due: a silent broker is fenced, leaderships go back to preferred replicas,
  /// partitions without leader whose topic allows loss get one. There may be more; see `deadline`.
  Decision on_time(Instant now);
  Instant deadline() const;

  void apply(const Record& record);
  /// The next record will have this offset: what came in between was none of ours.
  void skip_to(Offset end) { image_.skip_to(end); }

  /// Everything applied, committed or not.
  const Image& image() const { return image_; }
  /// Of the same image.
  const PartitionIndex& index() const { return index_; }
  Epoch epoch() const { return epoch_; }

 private:
  /// Who comes, goes, or may have lost records; `no_leader` for nobody.
  struct BrokerChange {
    NodeId added = no_leader;
    NodeId removed = no_leader;
    NodeId unclean = no_leader;
  };
  using NewTopic = protocol::CreateTopicsRequest::CreatableTopic;
  using NewTopicResult = protocol::CreateTopicsResponse::CreatableTopicResult;
  using MorePartitions = protocol::CreatePartitionsRequest::CreatePartitionsTopic;
  using NewAssignment = protocol::AlterPartitionReassignmentsRequest::ReassignablePartition;

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

  bool keeps_eligible() const;
  /// The rules for changes of a topic's partitions; `load` must outlive the result.
  PartitionAim aim_for(const Topic& topic, DirectoryLoad& load) const;
  bool is_available(const Partition& partition, NodeId id) const;
  /// What becomes of the partitions when brokers come and go.
  void change_leaders(const BrokerChange& change, const PartitionIndex::Keys& keys,
                      std::vector<Record>& records) const;
  void fence(const Broker& broker, std::vector<Record>& records) const;
  /// What the last incarnation of a broker was in sync with, the next one need not have.
  void leave_behind(const Broker& old, std::int64_t previous_epoch,
                    std::vector<Record>& records) const;
  BrokerState next_state(const Broker& broker,
                         const protocol::BrokerHeartbeatRequest& request) const;
  void move(const Broker& broker, BrokerState next, std::vector<Record>& records) const;
  /// How far every broker that is active has applied the metadata log.
  std::int64_t lowest_active_offset() const;
  void take_offline(const Broker& broker, const std::vector<Uuid>& offline,
                    std::vector<Record>& records) const;
  std::optional<ErrorCode> epoch_error(std::int32_t broker, std::int64_t epoch) const;
  void alter_one(NodeId from, const Topic& topic,
                 const protocol::AlterPartitionRequest::PartitionData& asked,
                 protocol::AlterPartitionResponse::PartitionData& answer,
                 std::vector<Record>& records) const;
  Refusal elect(const Topic& topic, std::int32_t index, Election election,
                std::vector<Record>& records) const;
  Refusal reassign_one(const std::string& name, const NewAssignment& asked, bool keeps_factor,
                       std::vector<Record>& records) const;
  Refusal reassign(const Partition& partition, const NewAssignment& asked, bool keeps_factor,
                   PartitionAim& aim) const;
  /// `name` as "topic:partition".
  Refusal revert(const std::string& name, const Partition& partition, PartitionAim& aim) const;
  void set_feature(const protocol::UpdateFeaturesRequest::FeatureUpdateKey& update,
                   std::vector<Record>& records) const;
  Decision fence_silent(NodeId broker) const;
  Decision balance() const;
  Decision elect_unclean() const;
  void begin_log(std::vector<Record>& records) const;
  /// Brokers must agree with us about min.insync.replicas while eligible replicas are kept.
  void pin_min_isr(std::vector<Record>& records) const;
  /// Of the topic, or of all for any other resource.
  void clear_eligible(const Resource& resource, std::vector<Record>& records) const;
  void read_all();
  void read_defaults();
  static Decision answer(Ticket ticket, Reply reply);

  ControllerOptions options_;
  Epoch epoch_ = no_epoch;
  Image image_;
  PartitionIndex index_;  // Follows from `image_`, as
  Settings defaults_;     // what holds for topics that say nothing of their own.
  BrokerSessions sessions_;
  Instant balance_at_ = never;
  Instant unclean_at_ = never;
};

static_assert(LoggedMachine<Controller>);

}  // namespace trialog::metadata
