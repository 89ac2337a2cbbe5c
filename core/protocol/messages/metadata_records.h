#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A topic exists.
struct TopicRecord {
  using Self = TopicRecord;
  static constexpr Api api{.key = 2, .valid = "0", .flexible = "0+"};

  std::string name;
  Uuid topic_id;

  static constexpr auto wire = fields(
      field<&Self::name>("Name"),
      field<&Self::topic_id>("TopicId"));
};

/// A partition exists, whole.
struct PartitionRecord {
  using Self = PartitionRecord;
  static constexpr Api api{.key = 3, .valid = "0-2", .flexible = "0+"};

  std::int32_t partition_id = -1;
  Uuid topic_id;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
  std::vector<std::int32_t> removing_replicas;
  std::vector<std::int32_t> adding_replicas;
  std::int32_t leader = -1;
  std::int8_t leader_recovery_state = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::vector<Uuid> directories;
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
  std::optional<std::vector<std::int32_t>> last_known_elr;

  static constexpr auto wire = fields(
      field<&Self::partition_id>("PartitionId"),
      field<&Self::topic_id>("TopicId"),
      field<&Self::replicas>("Replicas"),
      field<&Self::isr>("Isr"),
      field<&Self::removing_replicas>("RemovingReplicas"),
      field<&Self::adding_replicas>("AddingReplicas"),
      field<&Self::leader>("Leader"),
      field<&Self::leader_recovery_state>("LeaderRecoveryState").tagged(0, "0+"),
      field<&Self::leader_epoch>("LeaderEpoch"),
      field<&Self::partition_epoch>("PartitionEpoch"),
      field<&Self::directories>("Directories", "1+"),
      field<&Self::eligible_leader_replicas>("EligibleLeaderReplicas", "2+")
          .nullable("2+").tagged(1, "2+"),
      field<&Self::last_known_elr>("LastKnownElr", "2+").nullable("2+").tagged(2, "2+"));
};

/// What changed of a partition.
struct PartitionChangeRecord {
  using Self = PartitionChangeRecord;
  static constexpr Api api{.key = 5, .valid = "0-2", .flexible = "0+"};

  std::int32_t partition_id = -1;
  Uuid topic_id;
  std::optional<std::vector<std::int32_t>> isr;
  std::int32_t leader = -2;
  std::optional<std::vector<std::int32_t>> replicas;
  std::optional<std::vector<std::int32_t>> removing_replicas;
  std::optional<std::vector<std::int32_t>> adding_replicas;
  std::int8_t leader_recovery_state = -1;
  std::optional<std::vector<Uuid>> directories;
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
  std::optional<std::vector<std::int32_t>> last_known_elr;

  static constexpr auto wire = fields(
      field<&Self::partition_id>("PartitionId"),
      field<&Self::topic_id>("TopicId"),
      field<&Self::isr>("Isr").nullable("0+").tagged(0, "0+"),
      field<&Self::leader>("Leader").tagged(1, "0+"),
      field<&Self::replicas>("Replicas").nullable("0+").tagged(2, "0+"),
      field<&Self::removing_replicas>("RemovingReplicas").nullable("0+").tagged(3, "0+"),
      field<&Self::adding_replicas>("AddingReplicas").nullable("0+").tagged(4, "0+"),
      field<&Self::leader_recovery_state>("LeaderRecoveryState").tagged(5, "0+"),
      field<&Self::directories>("Directories", "1+").nullable("1+").tagged(8, "1+"),
      field<&Self::eligible_leader_replicas>("EligibleLeaderReplicas", "2+")
          .nullable("2+").tagged(6, "2+"),
      field<&Self::last_known_elr>("LastKnownElr", "2+").nullable("2+").tagged(7, "2+"));
};

/// A setting of a topic or broker; null takes it back.
struct ConfigRecord {
  using Self = ConfigRecord;
  static constexpr Api api{.key = 4, .valid = "0", .flexible = "0+"};

  std::int8_t resource_type = 0;
  std::string resource_name;
  std::string name;
  std::optional<std::string> value = "";

  static constexpr auto wire = fields(
      field<&Self::resource_type>("ResourceType"),
      field<&Self::resource_name>("ResourceName"),
      field<&Self::name>("Name"),
      field<&Self::value>("Value").nullable("0+"));
};

/// A topic is gone, and its partitions and settings with it.
struct RemoveTopicRecord {
  using Self = RemoveTopicRecord;
  static constexpr Api api{.key = 9, .valid = "0", .flexible = "0+"};

  Uuid topic_id;

  static constexpr auto wire = fields(
      field<&Self::topic_id>("TopicId"));
};

/// A broker joined, and where it listens.
struct RegisterBrokerRecord {
  using Self = RegisterBrokerRecord;
  static constexpr Api api{.key = 0, .valid = "0-3", .flexible = "0+"};

  struct BrokerEndpoint {
    using Self = BrokerEndpoint;
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"),
        field<&Self::security_protocol>("SecurityProtocol"));
  };

  struct BrokerFeature {
    using Self = BrokerFeature;
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::min_supported_version>("MinSupportedVersion"),
        field<&Self::max_supported_version>("MaxSupportedVersion"));
  };

  std::int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id;
  std::int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points;
  std::vector<BrokerFeature> features;
  std::optional<std::string> rack = "";
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::is_migrating_zk_broker>("IsMigratingZkBroker", "2+"),
      field<&Self::incarnation_id>("IncarnationId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::end_points>("EndPoints"),
      field<&Self::features>("Features"),
      field<&Self::rack>("Rack").nullable("0+"),
      field<&Self::fenced>("Fenced"),
      field<&Self::in_controlled_shutdown>("InControlledShutdown", "1+"),
      field<&Self::log_dirs>("LogDirs", "3+").tagged(0, "3+"));
};

/// A broker left for good.
struct UnregisterBrokerRecord {
  using Self = UnregisterBrokerRecord;
  static constexpr Api api{.key = 1, .valid = "0", .flexible = "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"));
};

/// A broker must not lead: it is not heard from.
struct FenceBrokerRecord {
  using Self = FenceBrokerRecord;
  static constexpr Api api{.key = 7, .valid = "0", .flexible = "0+"};

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  static constexpr auto wire = fields(
      field<&Self::id>("Id"),
      field<&Self::epoch>("Epoch"));
};

/// A broker may lead.
struct UnfenceBrokerRecord {
  using Self = UnfenceBrokerRecord;
  static constexpr Api api{.key = 8, .valid = "0", .flexible = "0+"};

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  static constexpr auto wire = fields(
      field<&Self::id>("Id"),
      field<&Self::epoch>("Epoch"));
};

/// What changed of a broker.
struct BrokerRegistrationChangeRecord {
  using Self = BrokerRegistrationChangeRecord;
  static constexpr Api api{.key = 17, .valid = "0-2", .flexible = "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;
  std::int8_t fenced = 0;
  std::int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::fenced>("Fenced").tagged(0, "0+"),
      field<&Self::in_controlled_shutdown>("InControlledShutdown", "1+").tagged(1, "1+"),
      field<&Self::log_dirs>("LogDirs", "2+").tagged(2, "2+"));
};

/// A feature of the cluster has this level from here on.
struct FeatureLevelRecord {
  using Self = FeatureLevelRecord;
  static constexpr Api api{.key = 12, .valid = "0", .flexible = "0+"};

  std::string name;
  std::int16_t feature_level = 0;

  static constexpr auto wire = fields(
      field<&Self::name>("Name"),
      field<&Self::feature_level>("FeatureLevel"));
};

/// A block of producer ids was given to a broker.
struct ProducerIdsRecord {
  using Self = ProducerIdsRecord;
  static constexpr Api api{.key = 15, .valid = "0", .flexible = "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t next_producer_id = 0;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::next_producer_id>("NextProducerId"));
};

/// Nothing; moves the metadata log forward (KIP-835).
struct NoOpRecord {
  using Self = NoOpRecord;
  static constexpr Api api{.key = 20, .valid = "0", .flexible = "0+"};

  static constexpr auto wire = fields();
};

/// The records that follow count together or not at all (KIP-868).
struct BeginTransactionRecord {
  using Self = BeginTransactionRecord;
  static constexpr Api api{.key = 23, .valid = "0", .flexible = "0+"};

  std::optional<std::string> name;

  static constexpr auto wire = fields(
      field<&Self::name>("Name").nullable("0+").tagged(0, "0+"));
};

/// The records since the beginning count.
struct EndTransactionRecord {
  using Self = EndTransactionRecord;
  static constexpr Api api{.key = 24, .valid = "0", .flexible = "0+"};

  static constexpr auto wire = fields();
};

/// The records since the beginning do not count.
struct AbortTransactionRecord {
  using Self = AbortTransactionRecord;
  static constexpr Api api{.key = 25, .valid = "0", .flexible = "0+"};

  std::optional<std::string> reason;

  static constexpr auto wire = fields(
      field<&Self::reason>("Reason").nullable("0+").tagged(0, "0+"));
};

/// A controller joined, and where it listens.
struct RegisterControllerRecord {
  using Self = RegisterControllerRecord;
  static constexpr Api api{.key = 27, .valid = "0", .flexible = "0+"};

  struct ControllerEndpoint {
    using Self = ControllerEndpoint;
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"),
        field<&Self::security_protocol>("SecurityProtocol"));
  };

  struct ControllerFeature {
    using Self = ControllerFeature;
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::min_supported_version>("MinSupportedVersion"),
        field<&Self::max_supported_version>("MaxSupportedVersion"));
  };

  std::int32_t controller_id = 0;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<ControllerEndpoint> end_points;
  std::vector<ControllerFeature> features;

  static constexpr auto wire = fields(
      field<&Self::controller_id>("ControllerId"),
      field<&Self::incarnation_id>("IncarnationId"),
      field<&Self::zk_migration_ready>("ZkMigrationReady"),
      field<&Self::end_points>("EndPoints"),
      field<&Self::features>("Features"));
};

}  // namespace trialog::protocol
