#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A broker tells the controller that it lives and what it wants (KIP-631).
struct BrokerHeartbeatRequest {
  using Self = BrokerHeartbeatRequest;
  static constexpr Api api{.key = 63, .valid = "0-1", .flexible = "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs;

  static constexpr auto wire = fields(
      field<&Self::broker_id>("BrokerId"),
      field<&Self::broker_epoch>("BrokerEpoch"),
      field<&Self::current_metadata_offset>("CurrentMetadataOffset"),
      field<&Self::want_fence>("WantFence"),
      field<&Self::want_shut_down>("WantShutDown"),
      field<&Self::offline_log_dirs>("OfflineLogDirs", "1+").tagged(0, "1+"));
};

/// How the controller sees the broker.
struct BrokerHeartbeatResponse {
  using Self = BrokerHeartbeatResponse;
  static constexpr Api api = BrokerHeartbeatRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::is_caught_up>("IsCaughtUp"),
      field<&Self::is_fenced>("IsFenced"),
      field<&Self::should_shut_down>("ShouldShutDown"));
};

}  // namespace trialog::protocol
