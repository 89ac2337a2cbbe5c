#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks a leader of a Raft log how far its voters and observers are (KIP-595, KIP-836).
struct DescribeQuorumRequest {
  using Self = DescribeQuorumRequest;
  static constexpr Api api{.key = 55, .valid = "0-2", .flexible = "0+"};

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partitions>("Partitions"));
  };

  std::vector<TopicData> topics;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"));
};

/// The replicas of a Raft log.
struct DescribeQuorumResponse {
  using Self = DescribeQuorumResponse;
  static constexpr Api api = DescribeQuorumRequest::api;

  struct ReplicaState {
    using Self = ReplicaState;
    std::int32_t replica_id = 0;
    Uuid replica_directory_id;
    std::int64_t log_end_offset = 0;
    std::int64_t last_fetch_timestamp = -1;
    std::int64_t last_caught_up_timestamp = -1;

    static constexpr auto wire = fields(
        field<&Self::replica_id>("ReplicaId"),
        field<&Self::replica_directory_id>("ReplicaDirectoryId", "2+"),
        field<&Self::log_end_offset>("LogEndOffset"),
        field<&Self::last_fetch_timestamp>("LastFetchTimestamp", "1+").ignorable(),
        field<&Self::last_caught_up_timestamp>("LastCaughtUpTimestamp", "1+").ignorable());
  };

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters;
    std::vector<ReplicaState> observers;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage", "2+").nullable("2+").ignorable(),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::high_watermark>("HighWatermark"),
        field<&Self::current_voters>("CurrentVoters"),
        field<&Self::observers>("Observers"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partitions>("Partitions"));
  };

  struct Listener {
    using Self = Listener;
    std::string name;
    std::string host;
    std::uint16_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "2+"),
        field<&Self::host>("Host", "2+"),
        field<&Self::port>("Port", "2+"));
  };

  struct Node {
    using Self = Node;
    std::int32_t node_id = 0;
    std::vector<Listener> listeners;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId", "2+"),
        field<&Self::listeners>("Listeners", "2+"));
  };

  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<TopicData> topics;
  std::vector<Node> nodes;

  static constexpr auto wire = fields(
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage", "2+").nullable("2+").ignorable(),
      field<&Self::topics>("Topics"),
      field<&Self::nodes>("Nodes", "2+"));
};

}  // namespace trialog::protocol
