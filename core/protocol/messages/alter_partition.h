#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A leader asks the controller for another in-sync set (KIP-497, KIP-903).
struct AlterPartitionRequest {
  using Self = AlterPartitionRequest;
  static constexpr Api api{.key = 56, .valid = "0-3", .flexible = "0+"};

  struct BrokerState {
    using Self = BrokerState;
    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::broker_id>("BrokerId", "3+"),
        field<&Self::broker_epoch>("BrokerEpoch", "3+"));
  };

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::new_isr>("NewIsr", "0-2"),
        field<&Self::new_isr_with_epochs>("NewIsrWithEpochs", "3+"),
        field<&Self::leader_recovery_state>("LeaderRecoveryState", "1+"),
        field<&Self::partition_epoch>("PartitionEpoch"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName", "0-1").ignorable(),
        field<&Self::topic_id>("TopicId", "2+").ignorable(),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<TopicData> topics;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::topics>("Topics"));
};

/// What holds for the partitions now.
struct AlterPartitionResponse {
  using Self = AlterPartitionResponse;
  static constexpr Api api = AlterPartitionRequest::api;

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::isr>("Isr"),
        field<&Self::leader_recovery_state>("LeaderRecoveryState", "1+").ignorable(),
        field<&Self::partition_epoch>("PartitionEpoch"));
  };

  struct TopicData {
    using Self = TopicData;
    std::string topic_name;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_name>("TopicName", "0-1").ignorable(),
        field<&Self::topic_id>("TopicId", "2+").ignorable(),
        field<&Self::partitions>("Partitions"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
