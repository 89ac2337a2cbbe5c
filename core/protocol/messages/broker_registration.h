#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A broker asks the controller to be part of the cluster (KIP-631).
struct BrokerRegistrationRequest {
  using Self = BrokerRegistrationRequest;
  static constexpr Api api{.key = 62, .valid = "0-4", .flexible = "0+"};

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

  std::int32_t broker_id = 0;
  std::string cluster_id;
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  std::optional<std::string> rack = "";
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  std::int64_t previous_broker_epoch = -1;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::cluster_id>("ClusterId"),
      field<&Self::incarnation_id>("IncarnationId"),
      field<&Self::listeners>("Listeners"),
      field<&Self::features>("Features"),
      field<&Self::rack>("Rack").nullable("0+"),
      field<&Self::is_migrating_zk_broker>("IsMigratingZkBroker", "1+"),
      field<&Self::log_dirs>("LogDirs", "2+").ignorable(),
      field<&Self::previous_broker_epoch>("PreviousBrokerEpoch", "3+").ignorable());
};

/// The epoch that the broker is known by from now on.
struct BrokerRegistrationResponse {
  using Self = BrokerRegistrationResponse;
  static constexpr Api api = BrokerRegistrationRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t broker_epoch = -1;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::broker_epoch>("BrokerEpoch"));
};

}  // namespace trialog::protocol
