#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks what lies in the log directories of this broker (KIP-113).
struct DescribeLogDirsRequest {
  using Self = DescribeLogDirsRequest;
  static constexpr Api api{.key = 35, .valid = "0-5", .flexible = "2+"};

  struct DescribableLogDirTopic {
    using Self = DescribableLogDirTopic;
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic>("Topic"),
        field<&Self::partitions>("Partitions"));
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics{std::in_place};

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics").nullable("0+"));
};

/// Log directories, and the partitions in them with their sizes.
struct DescribeLogDirsResponse {
  using Self = DescribeLogDirsResponse;
  static constexpr Api api = DescribeLogDirsRequest::api;

  struct DescribeLogDirsPartition {
    using Self = DescribeLogDirsPartition;
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::partition_size>("PartitionSize"),
        field<&Self::offset_lag>("OffsetLag"),
        field<&Self::is_future_key>("IsFutureKey"));
  };

  struct DescribeLogDirsTopic {
    using Self = DescribeLogDirsTopic;
    std::string name;
    std::vector<DescribeLogDirsPartition> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  struct DescribeLogDirsResult {
    using Self = DescribeLogDirsResult;
    ErrorCode error_code = ErrorCode::none;
    std::string log_dir;
    std::vector<DescribeLogDirsTopic> topics;
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    bool is_cordoned = false;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::log_dir>("LogDir"),
        field<&Self::topics>("Topics"),
        field<&Self::total_bytes>("TotalBytes", "4+").ignorable(),
        field<&Self::usable_bytes>("UsableBytes", "4+").ignorable(),
        field<&Self::is_cordoned>("IsCordoned", "5+").ignorable());
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DescribeLogDirsResult> results;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode", "3+").ignorable(),
      field<&Self::results>("Results"));
};

}  // namespace trialog::protocol
