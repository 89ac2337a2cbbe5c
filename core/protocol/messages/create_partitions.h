#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Adds partitions to topics.
struct CreatePartitionsRequest {
  using Self = CreatePartitionsRequest;
  static constexpr Api api{.key = 37, .valid = "0-3", .flexible = "2+"};

  struct CreatePartitionsAssignment {
    using Self = CreatePartitionsAssignment;
    std::vector<std::int32_t> broker_ids;

    static constexpr auto wire = fields(
        field<&Self::broker_ids>("BrokerIds"));
  };

  struct CreatePartitionsTopic {
    using Self = CreatePartitionsTopic;
    std::string name;
    std::int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments{std::in_place};

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::count>("Count"),
        field<&Self::assignments>("Assignments").nullable("0+"));
  };

  std::vector<CreatePartitionsTopic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"),
      field<&Self::timeout_ms>("TimeoutMs"),
      field<&Self::validate_only>("ValidateOnly"));
};

/// Which topics grew.
struct CreatePartitionsResponse {
  using Self = CreatePartitionsResponse;
  static constexpr Api api = CreatePartitionsRequest::api;

  struct CreatePartitionsTopicResult {
    using Self = CreatePartitionsTopicResult;
    std::string name;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::results>("Results"));
};

}  // namespace trialog::protocol
