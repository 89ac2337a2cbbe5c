#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks which broker coordinates a group or a transactional id.
struct FindCoordinatorRequest {
  using Self = FindCoordinatorRequest;
  static constexpr Api api{.key = 10, .valid = "0-6", .flexible = "3+"};

  std::string key;
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;

  static constexpr auto wire = fields(
      field<&Self::key>("Key", "0-3"),
      field<&Self::key_type>("KeyType", "1+"),
      field<&Self::coordinator_keys>("CoordinatorKeys", "4+"));
};

/// The coordinator, or one for each key from version 4 on (KIP-699).
struct FindCoordinatorResponse {
  using Self = FindCoordinatorResponse;
  static constexpr Api api = FindCoordinatorRequest::api;

  struct Coordinator {
    using Self = Coordinator;
    std::string key;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    static constexpr auto wire = fields(
        field<&Self::key>("Key", "4+"),
        field<&Self::node_id>("NodeId", "4+"),
        field<&Self::host>("Host", "4+"),
        field<&Self::port>("Port", "4+"),
        field<&Self::error_code>("ErrorCode", "4+"),
        field<&Self::error_message>("ErrorMessage", "4+").nullable("4+").ignorable());
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::int32_t node_id = 0;
  std::string host;
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "1+").ignorable(),
      field<&Self::error_code>("ErrorCode", "0-3"),
      field<&Self::error_message>("ErrorMessage", "1-3").nullable("1-3").ignorable(),
      field<&Self::node_id>("NodeId", "0-3"),
      field<&Self::host>("Host", "0-3"),
      field<&Self::port>("Port", "0-3"),
      field<&Self::coordinators>("Coordinators", "4+"));
};

}  // namespace trialog::protocol
