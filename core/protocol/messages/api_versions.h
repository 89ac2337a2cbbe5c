#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks which versions of which requests a broker serves (KIP-35, KIP-511).
struct ApiVersionsRequest {
  using Self = ApiVersionsRequest;
  static constexpr Api api{.key = 18, .valid = "0-4", .flexible = "3+"};

  std::string client_software_name;
  std::string client_software_version;

  static constexpr auto wire = fields(
      field<&Self::client_software_name>("ClientSoftwareName", "3+").ignorable(),
      field<&Self::client_software_version>("ClientSoftwareVersion", "3+").ignorable());
};

/// What a broker serves. Always behind a version 0 header, for the client cannot know better yet.
struct ApiVersionsResponse {
  using Self = ApiVersionsResponse;
  static constexpr Api api = ApiVersionsRequest::api;

  struct ApiVersion {
    using Self = ApiVersion;
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto wire = fields(
        field<&Self::api_key>("ApiKey"),
        field<&Self::min_version>("MinVersion"),
        field<&Self::max_version>("MaxVersion"));
  };

  struct SupportedFeatureKey {
    using Self = SupportedFeatureKey;
    std::string name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "3+"),
        field<&Self::min_version>("MinVersion", "3+"),
        field<&Self::max_version>("MaxVersion", "3+"));
  };

  struct FinalizedFeatureKey {
    using Self = FinalizedFeatureKey;
    std::string name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name", "3+"),
        field<&Self::max_version_level>("MaxVersionLevel", "3+"),
        field<&Self::min_version_level>("MinVersionLevel", "3+"));
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<ApiVersion> api_keys;
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;

  static constexpr auto wire = fields(
      field<&Self::error_code>("ErrorCode"),
      field<&Self::api_keys>("ApiKeys"),
      field<&Self::throttle_time_ms>("ThrottleTimeMs", "1+").ignorable(),
      field<&Self::supported_features>("SupportedFeatures", "3+").tagged(0, "3+").ignorable(),
      field<&Self::finalized_features_epoch>("FinalizedFeaturesEpoch", "3+")
          .tagged(1, "3+").ignorable(),
      field<&Self::finalized_features>("FinalizedFeatures", "3+").tagged(2, "3+").ignorable(),
      field<&Self::zk_migration_ready>("ZkMigrationReady", "3+").tagged(3, "3+").ignorable());
};

}  // namespace trialog::protocol
