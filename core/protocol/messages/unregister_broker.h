#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks the controller to forget a broker (KIP-631).
struct UnregisterBrokerRequest {
  using Self = UnregisterBrokerRequest;
  static constexpr Api api{.key = 64, .valid = "0", .flexible = "0+"};

  std::int32_t broker_id = 0;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"));
};

/// Whether it is forgotten.
struct UnregisterBrokerResponse {
  using Self = UnregisterBrokerResponse;
  static constexpr Api api = UnregisterBrokerRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"));
};

}  // namespace trialog::protocol
