#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for the offset of a time. Negative timestamps name special offsets.
struct ListOffsetsRequest {
  using Self = ListOffsetsRequest;
  static constexpr Api api{.key = 2, .valid = "1-11", .flexible = "6+"};

  struct ListOffsetsPartition {
    using Self = ListOffsetsPartition;
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::current_leader_epoch>("CurrentLeaderEpoch", "4+").ignorable(),
        field<&Self::timestamp>("Timestamp"));
  };

  struct ListOffsetsTopic {
    using Self = ListOffsetsTopic;
    std::string name;
    std::vector<ListOffsetsPartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr auto wire = fields(
      field<&Self::replica_id>("ReplicaId"),
      field<&Self::isolation_level>("IsolationLevel", "2+"),
      field<&Self::topics>("Topics"),
      field<&Self::timeout_ms>("TimeoutMs", "10+").ignorable());
};

/// The first offset at or after the time asked for.
struct ListOffsetsResponse {
  using Self = ListOffsetsResponse;
  static constexpr Api api = ListOffsetsRequest::api;

  struct ListOffsetsPartitionResponse {
    using Self = ListOffsetsPartitionResponse;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::timestamp>("Timestamp", "1+"),
        field<&Self::offset>("Offset", "1+"),
        field<&Self::leader_epoch>("LeaderEpoch", "4+"));
  };

  struct ListOffsetsTopicResponse {
    using Self = ListOffsetsTopicResponse;
    std::string name;
    std::vector<ListOffsetsPartitionResponse> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "2+").ignorable(),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
