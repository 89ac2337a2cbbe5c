#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A leader of a Raft log steps down and names its successors (KIP-595).
struct EndQuorumEpochRequest {
  using Self = EndQuorumEpochRequest;
  static constexpr Api api{.key = 54, .valid = "0-1", .flexible = "1+"};

  struct ReplicaInfo {
    using Self = ReplicaInfo;
    std::int32_t candidate_id = 0;
    Uuid candidate_directory_id;

    static constexpr auto wire = fields(
        field<&Self::candidate_id>("CandidateId", "1+"),
        field<&Self::candidate_directory_id>("CandidateDirectoryId", "1+"));
  };

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> preferred_successors;
    std::vector<ReplicaInfo> preferred_candidates;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::preferred_successors>("PreferredSuccessors", "0").ignorable(),
        field<&Self::preferred_candidates>("PreferredCandidates", "1+").ignorable());
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partitions>("Partitions"));
  };

  struct LeaderEndpoint {
    using Self = LeaderEndpoint;
    std::string name;
    std::string host;
    std::uint16_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "1+"),
        field<&Self::host>("Host", "1+"),
        field<&Self::port>("Port", "1+"));
  };

  std::optional<std::string> cluster_id;
  std::vector<TopicData> topics;
  std::vector<LeaderEndpoint> leader_endpoints;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+"),
      field<&Self::topics>("Topics"),
      field<&Self::leader_endpoints>("LeaderEndpoints", "1+").ignorable());
};

/// What the voter knows of the epoch.
struct EndQuorumEpochResponse {
  using Self = EndQuorumEpochResponse;
  static constexpr Api api = EndQuorumEpochRequest::api;

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partitions>("Partitions"));
  };

  struct NodeEndpoint {
    using Self = NodeEndpoint;
    std::int32_t node_id = 0;
    std::string host;
    std::uint16_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId", "1+"),
        field<&Self::host>("Host", "1+"),
        field<&Self::port>("Port", "1+"));
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto wire = fields(
      field<&Self::error_code>("ErrorCode"),
      field<&Self::topics>("Topics"),
      field<&Self::node_endpoints>("NodeEndpoints", "1+").tagged(0, "1+"));
};

}  // namespace trialog::protocol
