#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks a replica which producers its logs know (KIP-664).
struct DescribeProducersRequest {
  using Self = DescribeProducersRequest;
  static constexpr Api api{.key = 61, .valid = "0", .flexible = "0+"};

  struct TopicRequest {
    using Self = TopicRequest;
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partition_indexes>("PartitionIndexes"));
  };

  std::vector<TopicRequest> topics;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"));
};

/// For each partition the producers that have written to it of late.
struct DescribeProducersResponse {
  using Self = DescribeProducersResponse;
  static constexpr Api api = DescribeProducersRequest::api;

  struct ProducerState {
    using Self = ProducerState;
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;
    std::int64_t last_timestamp = -1;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;

    static constexpr auto wire = fields(
        field<&Self::producer_id>("ProducerId"),
        field<&Self::producer_epoch>("ProducerEpoch"),
        field<&Self::last_sequence>("LastSequence"),
        field<&Self::last_timestamp>("LastTimestamp"),
        field<&Self::coordinator_epoch>("CoordinatorEpoch"),
        field<&Self::current_txn_start_offset>("CurrentTxnStartOffset"));
  };

  struct PartitionResponse {
    using Self = PartitionResponse;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<ProducerState> active_producers;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"),
        field<&Self::active_producers>("ActiveProducers"));
  };

  struct TopicResponse {
    using Self = TopicResponse;
    std::string name;
    std::vector<PartitionResponse> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
