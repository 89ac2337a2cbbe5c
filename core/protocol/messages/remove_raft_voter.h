#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for one voter of a Raft log less (KIP-853).
struct RemoveRaftVoterRequest {
  using Self = RemoveRaftVoterRequest;
  static constexpr Api api{.key = 81, .valid = "0", .flexible = "0+"};

  std::optional<std::string> cluster_id = "";
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+"),
      field<&Self::voter_id>("VoterId"),
      field<&Self::voter_directory_id>("VoterDirectoryId"));
};

/// Whether it votes no more.
struct RemoveRaftVoterResponse {
  using Self = RemoveRaftVoterResponse;
  static constexpr Api api = RemoveRaftVoterRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+").ignorable());
};

}  // namespace trialog::protocol
