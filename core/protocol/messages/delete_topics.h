#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Deletes topics by name, from version 6 on also by id.
struct DeleteTopicsRequest {
  using Self = DeleteTopicsRequest;
  static constexpr Api api{.key = 20, .valid = "0-6", .flexible = "4+"};

  struct DeleteTopicState {
    using Self = DeleteTopicState;
    std::optional<std::string> name;
    Uuid topic_id;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "6+").nullable("6+"),
        field<&Self::topic_id>("TopicId", "6+"));
  };

  std::vector<DeleteTopicState> topics;
  std::vector<std::string> topic_names;
  std::int32_t timeout_ms = 0;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics", "6+"),
      field<&Self::topic_names>("TopicNames", "0-5").ignorable(),
      field<&Self::timeout_ms>("TimeoutMs"));
};

/// Which topics are gone.
struct DeleteTopicsResponse {
  using Self = DeleteTopicsResponse;
  static constexpr Api api = DeleteTopicsRequest::api;

  struct DeletableTopicResult {
    using Self = DeletableTopicResult;
    std::optional<std::string> name = "";
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;

    static constexpr auto wire = fields(
        field<&Self::name>("Name").nullable("6+"),
        field<&Self::topic_id>("TopicId", "6+").ignorable(),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage", "5+").nullable("5+").ignorable());
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "1+").ignorable(),
      field<&Self::responses>("Responses"));
};

}  // namespace trialog::protocol
