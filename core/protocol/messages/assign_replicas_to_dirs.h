#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A broker tells the controller in which directories its replicas are (KIP-858).
struct AssignReplicasToDirsRequest {
  using Self = AssignReplicasToDirsRequest;
  static constexpr Api api{.key = 73, .valid = "0", .flexible = "0+"};

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"));
  };

  struct TopicData {
    using Self = TopicData;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_id>("TopicId"),
        field<&Self::partitions>("Partitions"));
  };

  struct DirectoryData {
    using Self = DirectoryData;
    Uuid id;
    std::vector<TopicData> topics;

    static constexpr auto wire = fields(
        field<&Self::id>("Id"),
        field<&Self::topics>("Topics"));
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<DirectoryData> directories;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::directories>("Directories"));
};

/// Which of that was taken down.
struct AssignReplicasToDirsResponse {
  using Self = AssignReplicasToDirsResponse;
  static constexpr Api api = AssignReplicasToDirsRequest::api;

  struct PartitionData {
    using Self = PartitionData;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::error_code>("ErrorCode"));
  };

  struct TopicData {
    using Self = TopicData;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto wire = fields(
        field<&Self::topic_id>("TopicId"),
        field<&Self::partitions>("Partitions"));
  };

  struct DirectoryData {
    using Self = DirectoryData;
    Uuid id;
    std::vector<TopicData> topics;

    static constexpr auto wire = fields(
        field<&Self::id>("Id"),
        field<&Self::topics>("Topics"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DirectoryData> directories;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::directories>("Directories"));
};

}  // namespace trialog::protocol
