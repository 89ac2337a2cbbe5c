#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Begins, replaces or cancels moves of replicas (KIP-455).
struct AlterPartitionReassignmentsRequest {
  using Self = AlterPartitionReassignmentsRequest;
  static constexpr Api api{.key = 45, .valid = "0-1", .flexible = "0+"};

  struct ReassignablePartition {
    using Self = ReassignablePartition;
    std::int32_t partition_index = 0;
    std::optional<std::vector<std::int32_t>> replicas;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::replicas>("Replicas").nullable("0+"));
  };

  struct ReassignableTopic {
    using Self = ReassignableTopic;
    std::string name;
    std::vector<ReassignablePartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics;

  static constexpr auto wire = fields(
      field<&Self::timeout_ms>("TimeoutMs"),
      field<&Self::allow_replication_factor_change>("AllowReplicationFactorChange", "1+"),
      field<&Self::topics>("Topics"));
};

/// Which moves were begun or cancelled.
struct AlterPartitionReassignmentsResponse {
  using Self = AlterPartitionReassignmentsResponse;
  static constexpr Api api = AlterPartitionReassignmentsRequest::api;

  struct ReassignablePartitionResponse {
    using Self = ReassignablePartitionResponse;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"));
  };

  struct ReassignableTopicResponse {
    using Self = ReassignableTopicResponse;
    std::string name;
    std::vector<ReassignablePartitionResponse> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<ReassignableTopicResponse> responses;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::allow_replication_factor_change>("AllowReplicationFactorChange", "1+")
          .ignorable(),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"),
      field<&Self::responses>("Responses"));
};

}  // namespace trialog::protocol
