#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Sets, deletes, appends to or subtracts from single settings (KIP-339).
struct IncrementalAlterConfigsRequest {
  using Self = IncrementalAlterConfigsRequest;
  static constexpr Api api{.key = 44, .valid = "0-1", .flexible = "1+"};

  struct AlterableConfig {
    using Self = AlterableConfig;
    std::string name;
    std::int8_t config_operation = 0;
    std::optional<std::string> value = "";

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::config_operation>("ConfigOperation"),
        field<&Self::value>("Value").nullable("0+"));
  };

  struct AlterConfigsResource {
    using Self = AlterConfigsResource;
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<AlterableConfig> configs;

    static constexpr auto wire = fields(
        field<&Self::resource_type>("ResourceType"),
        field<&Self::resource_name>("ResourceName"),
        field<&Self::configs>("Configs"));
  };

  std::vector<AlterConfigsResource> resources;
  bool validate_only = false;

  static constexpr auto wire = fields(
      field<&Self::resources>("Resources"),
      field<&Self::validate_only>("ValidateOnly"));
};

/// Which resources have their new settings.
struct IncrementalAlterConfigsResponse {
  using Self = IncrementalAlterConfigsResponse;
  static constexpr Api api = IncrementalAlterConfigsRequest::api;

  struct AlterConfigsResourceResponse {
    using Self = AlterConfigsResourceResponse;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"),
        field<&Self::resource_type>("ResourceType"),
        field<&Self::resource_name>("ResourceName"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::responses>("Responses"));
};

}  // namespace trialog::protocol
