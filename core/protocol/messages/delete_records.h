#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Moves the log start offset of partitions up.
struct DeleteRecordsRequest {
  using Self = DeleteRecordsRequest;
  static constexpr Api api{.key = 21, .valid = "0-2", .flexible = "2+"};

  struct DeleteRecordsPartition {
    using Self = DeleteRecordsPartition;
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::offset>("Offset"));
  };

  struct DeleteRecordsTopic {
    using Self = DeleteRecordsTopic;
    std::string name;
    std::vector<DeleteRecordsPartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::vector<DeleteRecordsTopic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"),
      field<&Self::timeout_ms>("TimeoutMs"));
};

/// Where the partitions begin now.
struct DeleteRecordsResponse {
  using Self = DeleteRecordsResponse;
  static constexpr Api api = DeleteRecordsRequest::api;

  struct DeleteRecordsPartitionResult {
    using Self = DeleteRecordsPartitionResult;
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::low_watermark>("LowWatermark"),
        field<&Self::error_code>("ErrorCode"));
  };

  struct DeleteRecordsTopicResult {
    using Self = DeleteRecordsTopicResult;
    std::string name;
    std::vector<DeleteRecordsPartitionResult> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
