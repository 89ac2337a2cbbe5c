#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A voter of a Raft log tells where it listens (KIP-853).
struct UpdateRaftVoterRequest {
  using Self = UpdateRaftVoterRequest;
  static constexpr Api api{.key = 82, .valid = "0", .flexible = "0+"};

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

  struct KRaftVersionFeature {
    using Self = KRaftVersionFeature;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto wire = fields(
        field<&Self::min_supported_version>("MinSupportedVersion"),
        field<&Self::max_supported_version>("MaxSupportedVersion"));
  };

  std::optional<std::string> cluster_id = "";
  std::int32_t current_leader_epoch = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  KRaftVersionFeature k_raft_version_feature;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+"),
      field<&Self::current_leader_epoch>("CurrentLeaderEpoch"),
      field<&Self::voter_id>("VoterId"),
      field<&Self::voter_directory_id>("VoterDirectoryId"),
      field<&Self::listeners>("Listeners"),
      field<&Self::k_raft_version_feature>("KRaftVersionFeature"));
};

/// Whether that is known now.
struct UpdateRaftVoterResponse {
  using Self = UpdateRaftVoterResponse;
  static constexpr Api api = UpdateRaftVoterRequest::api;

  struct CurrentLeader {
    using Self = CurrentLeader;
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    std::string host;
    std::int32_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"),
        field<&Self::host>("Host"),
        field<&Self::port>("Port"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  CurrentLeader current_leader;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::current_leader>("CurrentLeader").tagged(0, "0+"));
};

}  // namespace trialog::protocol
