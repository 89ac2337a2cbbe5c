#pragma once

#include <cstdint>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A broker asks the controller for a block of producer ids (KIP-730).
struct AllocateProducerIdsRequest {
  using Self = AllocateProducerIdsRequest;
  static constexpr Api api{.key = 67, .valid = "0", .flexible = "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"));
};

/// A block that nobody else has.
struct AllocateProducerIdsResponse {
  using Self = AllocateProducerIdsResponse;
  static constexpr Api api = AllocateProducerIdsRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id_start = 0;
  std::int32_t producer_id_len = 0;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::producer_id_start>("ProducerIdStart"),
      field<&Self::producer_id_len>("ProducerIdLen"));
};

}  // namespace trialog::protocol
