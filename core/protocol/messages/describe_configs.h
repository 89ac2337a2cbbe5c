#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for the settings of topics or brokers.
struct DescribeConfigsRequest {
  using Self = DescribeConfigsRequest;
  static constexpr Api api{.key = 32, .valid = "0-4", .flexible = "4+"};

  struct DescribeConfigsResource {
    using Self = DescribeConfigsResource;
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys{std::in_place};

    static constexpr auto wire = fields(
        field<&Self::resource_type>("ResourceType"),
        field<&Self::resource_name>("ResourceName"),
        field<&Self::configuration_keys>("ConfigurationKeys").nullable("0+"));
  };

  std::vector<DescribeConfigsResource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  static constexpr auto wire = fields(
      field<&Self::resources>("Resources"),
      field<&Self::include_synonyms>("IncludeSynonyms", "1+"),
      field<&Self::include_documentation>("IncludeDocumentation", "3+"));
};

/// Settings, where they come from, and what they mean.
struct DescribeConfigsResponse {
  using Self = DescribeConfigsResponse;
  static constexpr Api api = DescribeConfigsRequest::api;

  struct DescribeConfigsSynonym {
    using Self = DescribeConfigsSynonym;
    std::string name;
    std::optional<std::string> value = "";
    std::int8_t source = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "1+"),
        field<&Self::value>("Value", "1+").nullable("1+"),
        field<&Self::source>("Source", "1+"));
  };

  struct DescribeConfigsResourceResult {
    using Self = DescribeConfigsResourceResult;
    std::string name;
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_default = false;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms;
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = "";

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::value>("Value").nullable("0+"),
        field<&Self::read_only>("ReadOnly"),
        field<&Self::config_source>("ConfigSource", "1+").ignorable(),
        field<&Self::is_default>("IsDefault", "0"),
        field<&Self::is_sensitive>("IsSensitive"),
        field<&Self::synonyms>("Synonyms", "1+").ignorable(),
        field<&Self::config_type>("ConfigType", "3+").ignorable(),
        field<&Self::documentation>("Documentation", "3+").nullable("3+").ignorable());
  };

  struct DescribeConfigsResult {
    using Self = DescribeConfigsResult;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<DescribeConfigsResourceResult> configs;

    static constexpr auto wire = fields(
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"),
        field<&Self::resource_type>("ResourceType"),
        field<&Self::resource_name>("ResourceName"),
        field<&Self::configs>("Configs"));
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::results>("Results"));
};

}  // namespace trialog::protocol
