#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks where a leader epoch ended (KIP-101, KIP-279, KIP-320).
struct OffsetForLeaderEpochRequest {
  using Self = OffsetForLeaderEpochRequest;
  static constexpr Api api{.key = 23, .valid = "0-4", .flexible = "4+"};

  struct OffsetForLeaderPartition {
    using Self = OffsetForLeaderPartition;
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::partition>("Partition"),
        field<&Self::current_leader_epoch>("CurrentLeaderEpoch", "2+").ignorable(),
        field<&Self::leader_epoch>("LeaderEpoch"));
  };

  struct OffsetForLeaderTopic {
    using Self = OffsetForLeaderTopic;
    std::string topic;
    std::vector<OffsetForLeaderPartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics;

  static constexpr auto wire = fields(
      field<&Self::replica_id>("ReplicaId", "3+").ignorable(),
      field<&Self::topics>("Topics"));
};

/// The end of the largest epoch that is not above the one asked for.
struct OffsetForLeaderEpochResponse {
  using Self = OffsetForLeaderEpochResponse;
  static constexpr Api api = OffsetForLeaderEpochRequest::api;

  struct EpochEndOffset {
    using Self = EpochEndOffset;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::partition>("Partition"),
        field<&Self::leader_epoch>("LeaderEpoch", "1+").ignorable(),
        field<&Self::end_offset>("EndOffset"));
  };

  struct OffsetForLeaderTopicResult {
    using Self = OffsetForLeaderTopicResult;
    std::string topic;
    std::vector<EpochEndOffset> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "2+").ignorable(),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
