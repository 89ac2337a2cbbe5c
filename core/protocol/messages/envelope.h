#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A client's request, whole, that a broker passes on to the controller (KIP-590).
struct EnvelopeRequest {
  using Self = EnvelopeRequest;
  static constexpr Api api{.key = 58, .valid = "0", .flexible = "0+"};

  Bytes request_data;
  std::optional<Bytes> request_principal{std::in_place};
  Bytes client_host_address;

  static constexpr auto wire = fields(
      field<&Self::request_data>("RequestData"),
      field<&Self::request_principal>("RequestPrincipal").nullable("0+"),
      field<&Self::client_host_address>("ClientHostAddress"));
};

/// The controller's answer to the client, whole.
struct EnvelopeResponse {
  using Self = EnvelopeResponse;
  static constexpr Api api = EnvelopeRequest::api;

  std::optional<Bytes> response_data;
  ErrorCode error_code = ErrorCode::none;

  static constexpr auto wire = fields(
      field<&Self::response_data>("ResponseData").nullable("0+"),
      field<&Self::error_code>("ErrorCode"));
};

}  // namespace trialog::protocol
