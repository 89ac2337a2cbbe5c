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

/// Asks for batches, in a session (KIP-227), as a consumer or as a follower.
struct FetchRequest {
  using Self = FetchRequest;
  static constexpr Api api{.key = 1, .valid = "4-18", .flexible = "12+"};

  struct ReplicaState {
    using Self = ReplicaState;
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::replica_id>("ReplicaId", "15+"),
        field<&Self::replica_epoch>("ReplicaEpoch", "15+"));
  };

  struct FetchPartition {
    using Self = FetchPartition;
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;
    Uuid replica_directory_id;
    std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();

    static constexpr auto wire = fields(
        field<&Self::partition>("Partition"),
        field<&Self::current_leader_epoch>("CurrentLeaderEpoch", "9+").ignorable(),
        field<&Self::fetch_offset>("FetchOffset"),
        field<&Self::last_fetched_epoch>("LastFetchedEpoch", "12+"),
        field<&Self::log_start_offset>("LogStartOffset", "5+").ignorable(),
        field<&Self::partition_max_bytes>("PartitionMaxBytes"),
        field<&Self::replica_directory_id>("ReplicaDirectoryId", "17+")
            .tagged(0, "17+").ignorable(),
        field<&Self::high_watermark>("HighWatermark", "18+").tagged(1, "18+").ignorable());
  };

  struct FetchTopic {
    using Self = FetchTopic;
    std::string topic;
    Uuid topic_id;
    std::vector<FetchPartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic", "0-12").ignorable(),
        field<&Self::topic_id>("TopicId", "13+").ignorable(),
        field<&Self::partitions>("Partitions"));
  };

  struct ForgottenTopic {
    using Self = ForgottenTopic;
    std::string topic;
    Uuid topic_id;
    std::vector<std::int32_t> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic", "7-12").ignorable(),
        field<&Self::topic_id>("TopicId", "13+").ignorable(),
        field<&Self::partitions>("Partitions", "7+"));
  };

  std::optional<std::string> cluster_id;
  std::int32_t replica_id = -1;
  ReplicaState replica_state;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<FetchTopic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId", "12+").nullable("12+").tagged(0, "12+").ignorable(),
      field<&Self::replica_id>("ReplicaId", "0-14"),
      field<&Self::replica_state>("ReplicaState", "15+").tagged(1, "15+"),
      field<&Self::max_wait_ms>("MaxWaitMs"),
      field<&Self::min_bytes>("MinBytes"),
      field<&Self::max_bytes>("MaxBytes", "3+").ignorable(),
      field<&Self::isolation_level>("IsolationLevel", "4+").ignorable(),
      field<&Self::session_id>("SessionId", "7+").ignorable(),
      field<&Self::session_epoch>("SessionEpoch", "7+").ignorable(),
      field<&Self::topics>("Topics"),
      field<&Self::forgotten_topics_data>("ForgottenTopicsData", "7+"),
      field<&Self::rack_id>("RackId", "11+").ignorable());
};

/// Batches, in memory or as they lie in the segment files.
struct FetchResponse {
  using Self = FetchResponse;
  static constexpr Api api = FetchRequest::api;

  struct EpochEndOffset {
    using Self = EpochEndOffset;
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr auto wire = fields(
        field<&Self::epoch>("Epoch", "12+"),
        field<&Self::end_offset>("EndOffset", "12+"));
  };

  struct LeaderIdAndEpoch {
    using Self = LeaderIdAndEpoch;
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::leader_id>("LeaderId", "12+"),
        field<&Self::leader_epoch>("LeaderEpoch", "12+"));
  };

  struct SnapshotId {
    using Self = SnapshotId;
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::end_offset>("EndOffset"),
        field<&Self::epoch>("Epoch"));
  };

  struct AbortedTransaction {
    using Self = AbortedTransaction;
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    static constexpr auto wire = fields(
        field<&Self::producer_id>("ProducerId", "4+"),
        field<&Self::first_offset>("FirstOffset", "4+"));
  };

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions{std::in_place};
    std::int32_t preferred_read_replica = -1;
    Records records;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::high_watermark>("HighWatermark"),
        field<&Self::last_stable_offset>("LastStableOffset", "4+").ignorable(),
        field<&Self::log_start_offset>("LogStartOffset", "5+").ignorable(),
        field<&Self::diverging_epoch>("DivergingEpoch", "12+").tagged(0, "12+"),
        field<&Self::current_leader>("CurrentLeader", "12+").tagged(1, "12+"),
        field<&Self::snapshot_id>("SnapshotId", "12+").tagged(2, "12+"),
        field<&Self::aborted_transactions>("AbortedTransactions", "4+").nullable("4+").ignorable(),
        field<&Self::preferred_read_replica>("PreferredReadReplica", "11+"),
        field<&Self::records>("Records").nullable("0+"));
  };

  struct FetchableTopicResponse {
    using Self = FetchableTopicResponse;
    std::string topic;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic", "0-12").ignorable(),
        field<&Self::topic_id>("TopicId", "13+").ignorable(),
        field<&Self::partitions>("Partitions"));
  };

  struct NodeEndpoint {
    using Self = NodeEndpoint;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId", "16+"),
        field<&Self::host>("Host", "16+"),
        field<&Self::port>("Port", "16+"),
        field<&Self::rack>("Rack", "16+").nullable("16+"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "1+").ignorable(),
      field<&Self::error_code>("ErrorCode", "7+").ignorable(),
      field<&Self::session_id>("SessionId", "7+"),
      field<&Self::responses>("Responses"),
      field<&Self::node_endpoints>("NodeEndpoints", "16+").tagged(0, "16+"));
};

}  // namespace trialog::protocol
