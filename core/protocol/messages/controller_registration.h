#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A controller tells the active one where it listens (KIP-919).
struct ControllerRegistrationRequest {
  using Self = ControllerRegistrationRequest;
  static constexpr Api api{.key = 70, .valid = "0", .flexible = "0+"};

  struct Listener {
    using Self = Listener;
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"),
        field<&Self::security_protocol>("SecurityProtocol"));
  };

  struct Feature {
    using Self = Feature;
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::min_supported_version>("MinSupportedVersion"),
        field<&Self::max_supported_version>("MaxSupportedVersion"));
  };

  std::int32_t controller_id = 0;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<Listener> listeners;
  std::vector<Feature> features;

  static constexpr auto wire = fields(
      field<&Self::controller_id>("ControllerId"),
      field<&Self::incarnation_id>("IncarnationId"),
      field<&Self::zk_migration_ready>("ZkMigrationReady"),
      field<&Self::listeners>("Listeners"),
      field<&Self::features>("Features"));
};

/// Whether it is known.
struct ControllerRegistrationResponse {
  using Self = ControllerRegistrationResponse;
  static constexpr Api api = ControllerRegistrationRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+"));
};

}  // namespace trialog::protocol
