#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks what there is that may have settings (KIP-1142). Version 0, ListClientMetricsResources,
/// asks for client metrics only.
struct ListConfigResourcesRequest {
  using Self = ListConfigResourcesRequest;
  static constexpr Api api{.key = 74, .valid = "0-1", .flexible = "0+"};

  std::vector<std::int8_t> resource_types;

  static constexpr auto wire = fields(
      field<&Self::resource_types>("ResourceTypes", "1+"));
};

/// The names, each with its type.
struct ListConfigResourcesResponse {
  using Self = ListConfigResourcesResponse;
  static constexpr Api api = ListConfigResourcesRequest::api;

  struct ConfigResource {
    using Self = ConfigResource;
    std::string resource_name;
    std::int8_t resource_type = 16;

    static constexpr auto wire = fields(
        field<&Self::resource_name>("ResourceName"),
        field<&Self::resource_type>("ResourceType", "1+").ignorable());
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ConfigResource> config_resources;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::config_resources>("ConfigResources"));
};

}  // namespace trialog::protocol
