#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for one more voter of a Raft log (KIP-853).
struct AddRaftVoterRequest {
  using Self = AddRaftVoterRequest;
  static constexpr Api api{.key = 80, .valid = "0-1", .flexible = "0+"};

  struct Listener {
    using Self = Listener;
    std::string name;
    std::string host;
    std::uint16_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"));
  };

  std::optional<std::string> cluster_id = "";
  std::int32_t timeout_ms = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  bool ack_when_committed = true;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+"),
      field<&Self::timeout_ms>("TimeoutMs"),
      field<&Self::voter_id>("VoterId"),
      field<&Self::voter_directory_id>("VoterDirectoryId"),
      field<&Self::listeners>("Listeners"),
      field<&Self::ack_when_committed>("AckWhenCommitted", "1+"));
};

/// Whether it votes now.
struct AddRaftVoterResponse {
  using Self = AddRaftVoterResponse;
  static constexpr Api api = AddRaftVoterRequest::api;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::error_message>("ErrorMessage").nullable("0+").ignorable());
};

}  // namespace trialog::protocol
