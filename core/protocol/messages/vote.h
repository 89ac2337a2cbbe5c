#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks a voter of a Raft log for its vote, or whether it would give it (KIP-595, KIP-996).
struct VoteRequest {
  using Self = VoteRequest;
  static constexpr Api api{.key = 52, .valid = "0-2", .flexible = "0+"};

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    std::int32_t replica_epoch = 0;
    std::int32_t replica_id = 0;
    Uuid replica_directory_id;
    Uuid voter_directory_id;
    std::int32_t last_offset_epoch = 0;
    std::int64_t last_offset = 0;
    bool pre_vote = false;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::replica_epoch>("ReplicaEpoch"),
        field<&Self::replica_id>("ReplicaId"),
        field<&Self::replica_directory_id>("ReplicaDirectoryId", "1+").ignorable(),
        field<&Self::voter_directory_id>("VoterDirectoryId", "1+").ignorable(),
        field<&Self::last_offset_epoch>("LastOffsetEpoch"),
        field<&Self::last_offset>("LastOffset"),
        field<&Self::pre_vote>("PreVote", "2+"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partitions>("Partitions"));
  };

  std::optional<std::string> cluster_id;
  std::int32_t voter_id = -1;
  std::vector<TopicData> topics;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+"),
      field<&Self::voter_id>("VoterId", "1+").ignorable(),
      field<&Self::topics>("Topics"));
};

/// Whether the vote is given, and which leader the voter knows.
struct VoteResponse {
  using Self = VoteResponse;
  static constexpr Api api = VoteRequest::api;

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    bool vote_granted = false;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::vote_granted>("VoteGranted"));
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
