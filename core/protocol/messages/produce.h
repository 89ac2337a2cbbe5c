#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Record batches for partitions. Versions 0 to 2 are only advertised, never served.
struct ProduceRequest {
  using Self = ProduceRequest;
  static constexpr Api api{.key = 0, .valid = "0-13", .flexible = "9+"};

  struct PartitionProduceData {
    using Self = PartitionProduceData;
    std::int32_t index = 0;
    Records records;

    static constexpr auto wire = fields(
        field<&Self::index>("Index"),
        field<&Self::records>("Records").nullable("0+"));
  };

  struct TopicProduceData {
    using Self = TopicProduceData;
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceData> partition_data;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "0-12").ignorable(),
        field<&Self::topic_id>("TopicId", "13+").ignorable(),
        field<&Self::partition_data>("PartitionData"));
  };

  std::optional<std::string> transactional_id;
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data;

  static constexpr auto wire = fields(
      field<&Self::transactional_id>("TransactionalId", "3+").nullable("3+"),
      field<&Self::acks>("Acks"),
      field<&Self::timeout_ms>("TimeoutMs"),
      field<&Self::topic_data>("TopicData"));
};

/// Where the batches went. There is none if the request had acks=0.
struct ProduceResponse {
  using Self = ProduceResponse;
  static constexpr Api api = ProduceRequest::api;

  struct BatchIndexAndErrorMessage {
    using Self = BatchIndexAndErrorMessage;
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;

    static constexpr auto wire = fields(
        field<&Self::batch_index>("BatchIndex", "8+"),
        field<&Self::batch_index_error_message>("BatchIndexErrorMessage", "8+").nullable("8+"));
  };

  struct LeaderIdAndEpoch {
    using Self = LeaderIdAndEpoch;
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto wire = fields(
        field<&Self::leader_id>("LeaderId", "10+"),
        field<&Self::leader_epoch>("LeaderEpoch", "10+"));
  };

  struct PartitionProduceResponse {
    using Self = PartitionProduceResponse;
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;

    static constexpr auto wire = fields(
        field<&Self::index>("Index"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::base_offset>("BaseOffset"),
        field<&Self::log_append_time_ms>("LogAppendTimeMs", "2+").ignorable(),
        field<&Self::log_start_offset>("LogStartOffset", "5+").ignorable(),
        field<&Self::record_errors>("RecordErrors", "8+").ignorable(),
        field<&Self::error_message>("ErrorMessage", "8+").nullable("8+").ignorable(),
        field<&Self::current_leader>("CurrentLeader", "10+").tagged(0, "10+"));
  };

  struct TopicProduceResponse {
    using Self = TopicProduceResponse;
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "0-12").ignorable(),
        field<&Self::topic_id>("TopicId", "13+").ignorable(),
        field<&Self::partition_responses>("PartitionResponses"));
  };

  struct NodeEndpoint {
    using Self = NodeEndpoint;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId", "10+"),
        field<&Self::host>("Host", "10+"),
        field<&Self::port>("Port", "10+"),
        field<&Self::rack>("Rack", "10+").nullable("10+"));
  };

  std::vector<TopicProduceResponse> responses;
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto wire = fields(
      field<&Self::responses>("Responses"),
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "1+").ignorable(),
      field<&Self::node_endpoints>("NodeEndpoints", "10+").tagged(0, "10+"));
};

}  // namespace trialog::protocol
