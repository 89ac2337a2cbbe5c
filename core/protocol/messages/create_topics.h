#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Creates topics, with replicas placed by the broker or by the caller.
struct CreateTopicsRequest {
  using Self = CreateTopicsRequest;
  static constexpr Api api{.key = 19, .valid = "0-7", .flexible = "5+"};

  struct CreatableReplicaAssignment {
    using Self = CreatableReplicaAssignment;
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids;

    static constexpr auto wire = fields(
        field<&Self::partition_index>("PartitionIndex"),
        field<&Self::broker_ids>("BrokerIds"));
  };

  struct CreatableTopicConfig {
    using Self = CreatableTopicConfig;
    std::string name;
    std::optional<std::string> value = "";

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::value>("Value").nullable("0+"));
  };

  struct CreatableTopic {
    using Self = CreatableTopic;
    std::string name;
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::num_partitions>("NumPartitions"),
        field<&Self::replication_factor>("ReplicationFactor"),
        field<&Self::assignments>("Assignments"),
        field<&Self::configs>("Configs"));
  };

  std::vector<CreatableTopic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  static constexpr auto wire = fields(
      field<&Self::topics>("Topics"),
      field<&Self::timeout_ms>("timeoutMs"),
      field<&Self::validate_only>("validateOnly", "1+"));
};

/// Which topics were made, and from version 5 on with which settings.
struct CreateTopicsResponse {
  using Self = CreateTopicsResponse;
  static constexpr Api api = CreateTopicsRequest::api;

  struct CreatableTopicConfigs {
    using Self = CreatableTopicConfigs;
    std::string name;
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "5+"),
        field<&Self::value>("Value", "5+").nullable("5+"),
        field<&Self::read_only>("ReadOnly", "5+"),
        field<&Self::config_source>("ConfigSource", "5+").ignorable(),
        field<&Self::is_sensitive>("IsSensitive", "5+"));
  };

  struct CreatableTopicResult {
    using Self = CreatableTopicResult;
    std::string name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    ErrorCode topic_config_error_code = ErrorCode::none;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs{std::in_place};

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::topic_id>("TopicId", "7+").ignorable(),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage", "1+").nullable("1+").ignorable(),
        field<&Self::topic_config_error_code>("TopicConfigErrorCode", "5+")
            .tagged(0, "5+").ignorable(),
        field<&Self::num_partitions>("NumPartitions", "5+").ignorable(),
        field<&Self::replication_factor>("ReplicationFactor", "5+").ignorable(),
        field<&Self::configs>("Configs", "5+").nullable("5+").ignorable());
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "2+").ignorable(),
      field<&Self::topics>("Topics"));
};

}  // namespace trialog::protocol
