#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for preferred or unclean elections (KIP-183, KIP-460).
struct ElectLeadersRequest {
  using Self = ElectLeadersRequest;
  static constexpr Api api{.key = 43, .valid = "0-2", .flexible = "2+"};

  struct TopicPartitions {
    using Self = TopicPartitions;
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic"),
        field<&Self::partitions>("Partitions"));
  };

  std::int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions{std::in_place};
  std::int32_t timeout_ms = 60000;

  static constexpr auto wire = fields(
      field<&Self::election_type>("ElectionType", "1+"),
      field<&Self::topic_partitions>("TopicPartitions").nullable("0+"),
      field<&Self::timeout_ms>("TimeoutMs"));
};

/// Which partitions got a leader, and why others did not.
struct ElectLeadersResponse {
  using Self = ElectLeadersResponse;
  static constexpr Api api = ElectLeadersRequest::api;

  struct PartitionResult {
    using Self = PartitionResult;
    std::int32_t partition_id = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    static constexpr auto wire = fields(
        field<&Self::partition_id>("PartitionId"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"));
  };

  struct ReplicaElectionResult {
    using Self = ReplicaElectionResult;
    std::string topic;
    std::vector<PartitionResult> partition_result;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic"),
        field<&Self::partition_result>("PartitionResult"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ReplicaElectionResult> replica_election_results;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode", "1+"),
      field<&Self::replica_election_results>("ReplicaElectionResults"));
};

}  // namespace trialog::protocol
