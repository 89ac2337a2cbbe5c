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

/// Asks for topics page by page (KIP-966).
struct DescribeTopicPartitionsRequest {
  using Self = DescribeTopicPartitionsRequest;
  static constexpr Api api{.key = 75, .valid = "0", .flexible = "0+"};

  struct TopicRequest {
    using Self = TopicRequest;
    std::string name;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"));
  };

  struct Cursor {
    using Self = Cursor;
    std::string topic_name;
    std::int32_t partition_index = 0;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partition_index>("PartitionIndex"));
  };

  std::vector<TopicRequest> topics;
  std::int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"),
      field<&Self::response_partition_limit>("ResponsePartitionLimit"),
      field<&Self::cursor>("Cursor").nullable("0+"));
};

/// One page of topics, and where the next begins.
struct DescribeTopicPartitionsResponse {
  using Self = DescribeTopicPartitionsResponse;
  static constexpr Api api = DescribeTopicPartitionsRequest::api;

  struct DescribeTopicPartitionsResponsePartition {
    using Self = DescribeTopicPartitionsResponsePartition;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
    std::optional<std::vector<std::int32_t>> last_known_elr;
    std::vector<std::int32_t> offline_replicas;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch").ignorable(),
        field<&Self::replica_nodes>("ReplicaNodes"),
        field<&Self::isr_nodes>("IsrNodes"),
        field<&Self::eligible_leader_replicas>("EligibleLeaderReplicas").nullable("0+"),
        field<&Self::last_known_elr>("LastKnownElr").nullable("0+"),
        field<&Self::offline_replicas>("OfflineReplicas").ignorable());
  };

  struct DescribeTopicPartitionsResponseTopic {
    using Self = DescribeTopicPartitionsResponseTopic;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id;
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions;
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::name>("Name").nullable("0+"),
        field<&Self::topic_id>("TopicId").ignorable(),
        field<&Self::is_internal>("IsInternal").ignorable(),
        field<&Self::partitions>("Partitions"),
        field<&Self::topic_authorized_operations>("TopicAuthorizedOperations"));
  };

  struct Cursor {
    using Self = Cursor;
    std::string topic_name;
    std::int32_t partition_index = 0;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName"),
        field<&Self::partition_index>("PartitionIndex"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics;
  std::optional<Cursor> next_cursor;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs").ignorable(),
      field<&Self::topics>("Topics"),
      field<&Self::next_cursor>("NextCursor").nullable("0+"));
};

}  // namespace trialog::protocol
