#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks which replicas are being moved (KIP-455).
struct ListPartitionReassignmentsRequest {
  using Self = ListPartitionReassignmentsRequest;
  static constexpr Api api{.key = 46, .valid = "0", .flexible = "0+"};

  struct ListPartitionReassignmentsTopics {
    using Self = ListPartitionReassignmentsTopics;
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partition_indexes>("PartitionIndexes"));
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;

  static constexpr auto wire = fields(
      field<&Self::timeout_ms>("TimeoutMs"),
      field<&Self::topics>("Topics").nullable("0+"));
};

/// The moves that are under way.
struct ListPartitionReassignmentsResponse {
  using Self = ListPartitionReassignmentsResponse;
  static constexpr Api api = ListPartitionReassignmentsRequest::api;

  struct OngoingPartitionReassignment {
    using Self = OngoingPartitionReassignment;
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> adding_replicas;
    std::vector<std::int32_t> removing_replicas;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::replicas>("Replicas"),
        field<&Self::adding_replicas>("AddingReplicas"),
        field<&Self::removing_replicas>("RemovingReplicas"));
  };

  struct OngoingTopicReassignment {
    using Self = OngoingTopicReassignment;
    std::string name;
    std::vector<OngoingPartitionReassignment> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<OngoingTopicReassignment> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
