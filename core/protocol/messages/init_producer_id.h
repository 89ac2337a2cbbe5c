#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for a producer id and epoch, for idempotence or for a transactional id.
struct InitProducerIdRequest {
  using Self = InitProducerIdRequest;
  static constexpr Api api{.key = 22, .valid = "0-6", .flexible = "2+"};

  std::optional<std::string> transactional_id = "";
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  bool enable2_pc = false;
  bool keep_prepared_txn = false;

  static constexpr auto wire = fields(
      field<&Self::transactional_id>("TransactionalId").nullable("0+"),
      field<&Self::transaction_timeout_ms>("TransactionTimeoutMs"),
      field<&Self::producer_id>("ProducerId", "3+"),
      field<&Self::producer_epoch>("ProducerEpoch", "3+"),
      field<&Self::enable2_pc>("Enable2Pc", "6+"),
      field<&Self::keep_prepared_txn>("KeepPreparedTxn", "6+"));
};

/// The producer id and epoch to put into batches.
struct InitProducerIdResponse {
  using Self = InitProducerIdResponse;
  static constexpr Api api = InitProducerIdRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;
  std::int16_t ongoing_txn_producer_epoch = -1;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs").ignorable(),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::producer_id>("ProducerId"),
      field<&Self::producer_epoch>("ProducerEpoch"),
      field<&Self::ongoing_txn_producer_id>("OngoingTxnProducerId", "6+"),
      field<&Self::ongoing_txn_producer_epoch>("OngoingTxnProducerEpoch", "6+"));
};

}  // namespace trialog::protocol
