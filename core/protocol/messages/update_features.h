#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for other levels of features (KIP-584).
struct UpdateFeaturesRequest {
  using Self = UpdateFeaturesRequest;
  static constexpr Api api{.key = 57, .valid = "0-2", .flexible = "0+"};

  struct FeatureUpdateKey {
    using Self = FeatureUpdateKey;
    std::string feature;
    std::int16_t max_version_level = 0;
    bool allow_downgrade = false;
    std::int8_t upgrade_type = 1;

    static constexpr auto wire = fields(
        field<&Self::feature>("Feature"),
        field<&Self::max_version_level>("MaxVersionLevel"),
        field<&Self::allow_downgrade>("AllowDowngrade", "0"),
        field<&Self::upgrade_type>("UpgradeType", "1+"));
  };

  std::int32_t timeout_ms = 60000;
  std::vector<FeatureUpdateKey> feature_updates;
  bool validate_only = false;

  static constexpr auto wire = fields(
      field<&Self::timeout_ms>("timeoutMs"),
      field<&Self::feature_updates>("FeatureUpdates"),
      field<&Self::validate_only>("ValidateOnly", "1+"));
};

/// Which levels were changed.
struct UpdateFeaturesResponse {
  using Self = UpdateFeaturesResponse;
  static constexpr Api api = UpdateFeaturesRequest::api;

  struct UpdatableFeatureResult {
    using Self = UpdatableFeatureResult;
    std::string feature;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    static constexpr auto wire = fields(
        field<&Self::feature>("Feature"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::error_message>("ErrorMessage").nullable("0+"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<UpdatableFeatureResult> results;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"),
      field<&Self::results>("Results", "0-1").ignorable());
};

}  // namespace trialog::protocol
