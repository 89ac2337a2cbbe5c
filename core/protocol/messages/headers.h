#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/protocol/schema.h"

namespace trialog::protocol {

/// In front of every request. The client id keeps its old encoding in version 2 (KIP-511).
struct RequestHeader {
  using Self = RequestHeader;
  static constexpr Api api{.valid = "0-2", .flexible = "2+"};

  std::int16_t request_api_key = 0;
  std::int16_t request_api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = "";

  static constexpr auto wire = fields(
      field<&Self::request_api_key>("RequestApiKey"),
      field<&Self::request_api_version>("RequestApiVersion"),
      field<&Self::correlation_id>("CorrelationId"),
      field<&Self::client_id>("ClientId", "1+").nullable("1+").ignorable().rigid());
};

/// In front of every response.
struct ResponseHeader {
  using Self = ResponseHeader;
  static constexpr Api api{.valid = "0-1", .flexible = "1+"};

  std::int32_t correlation_id = 0;

  static constexpr auto wire = fields(
      field<&Self::correlation_id>("CorrelationId"));
};

}  // namespace trialog::protocol
