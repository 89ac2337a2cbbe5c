#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for the cluster id, the controller and the brokers (KIP-700).
struct DescribeClusterRequest {
  using Self = DescribeClusterRequest;
  static constexpr Api api{.key = 60, .valid = "0-2", .flexible = "0+"};

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  static constexpr auto wire = fields(
      field<&Self::include_cluster_authorized_operations>("IncludeClusterAuthorizedOperations"),
      field<&Self::endpoint_type>("EndpointType", "1+"),
      field<&Self::include_fenced_brokers>("IncludeFencedBrokers", "2+"));
};

/// The cluster as an administrator sees it.
struct DescribeClusterResponse {
  using Self = DescribeClusterResponse;
  static constexpr Api api = DescribeClusterRequest::api;

  struct DescribeClusterBroker {
    using Self = DescribeClusterBroker;
    std::int32_t broker_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;

    static constexpr auto wire = fields(
        field<&Self::broker_id>("BrokerId"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"),
        field<&Self::rack>("Rack").nullable("0+"),
        field<&Self::is_fenced>("IsFenced", "2+"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message;
  std::int8_t endpoint_type = 1;
  std::string cluster_id;
  std::int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"),
      field<&Self::endpoint_type>("EndpointType", "1+"),
      field<&Self::cluster_id>("ClusterId"),
      field<&Self::controller_id>("ControllerId"),
      field<&Self::brokers>("Brokers"),
      field<&Self::cluster_authorized_operations>("ClusterAuthorizedOperations"));
};

}  // namespace trialog::protocol
