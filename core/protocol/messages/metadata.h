#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for brokers, topics and partition leaders; may create topics (KIP-4, KIP-516).
struct MetadataRequest {
  using Self = MetadataRequest;
  static constexpr Api api{.key = 3, .valid = "0-13", .flexible = "9+"};

  struct MetadataRequestTopic {
    using Self = MetadataRequestTopic;
    Uuid topic_id;
    std::optional<std::string> name = "";

    static constexpr auto wire = fields(
        field<&Self::topic_id>("TopicId", "10+").ignorable(),
        field<&Self::name>("Name").nullable("10+"));
  };

  std::optional<std::vector<MetadataRequestTopic>> topics{std::in_place};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics").nullable("1+"),
      field<&Self::allow_auto_topic_creation>("AllowAutoTopicCreation", "4+"),
      field<&Self::include_cluster_authorized_operations>(
          "IncludeClusterAuthorizedOperations", "8-10"),
      field<&Self::include_topic_authorized_operations>("IncludeTopicAuthorizedOperations", "8+"));
};

/// The cluster as the answering broker knows it.
struct MetadataResponse {
  using Self = MetadataResponse;
  static constexpr Api api = MetadataRequest::api;

  struct MetadataResponseBroker {
    using Self = MetadataResponseBroker;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"),
        field<&Self::rack>("Rack", "1+").nullable("1+").ignorable());
  };

  struct MetadataResponsePartition {
    using Self = MetadataResponsePartition;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::vector<std::int32_t> offline_replicas;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch", "7+").ignorable(),
        field<&Self::replica_nodes>("ReplicaNodes"),
        field<&Self::isr_nodes>("IsrNodes"),
        field<&Self::offline_replicas>("OfflineReplicas", "5+").ignorable());
  };

  struct MetadataResponseTopic {
    using Self = MetadataResponseTopic;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::name>("Name").nullable("12+"),
        field<&Self::topic_id>("TopicId", "10+").ignorable(),
        field<&Self::is_internal>("IsInternal", "1+").ignorable(),
        field<&Self::partitions>("Partitions"),
        field<&Self::topic_authorized_operations>("TopicAuthorizedOperations", "8+"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<std::string> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
  ErrorCode error_code = ErrorCode::none;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "3+").ignorable(),
      field<&Self::brokers>("Brokers"),
      field<&Self::cluster_id>("ClusterId", "2+").nullable("2+").ignorable(),
      field<&Self::controller_id>("ControllerId", "1+").ignorable(),
      field<&Self::topics>("Topics"),
      field<&Self::cluster_authorized_operations>("ClusterAuthorizedOperations", "8-10"),
      field<&Self::error_code>("ErrorCode", "13+").ignorable());
};

}  // namespace trialog::protocol
