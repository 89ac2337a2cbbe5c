#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// A leader took over the log (KIP-595).
struct LeaderChangeMessage {
  using Self = LeaderChangeMessage;
  static constexpr Api api{.valid = "0-1", .flexible = "0+"};

  struct Voter {
    using Self = Voter;
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;

    static constexpr auto wire = fields(
        field<&Self::voter_id>("VoterId"),
        field<&Self::voter_directory_id>("VoterDirectoryId", "1+"));
  };

  std::int16_t version = 0;
  std::int32_t leader_id = 0;
  std::vector<Voter> voters;
  std::vector<Voter> granting_voters;

  static constexpr auto wire = fields(
      field<&Self::version>("Version"),
      field<&Self::leader_id>("LeaderId"),
      field<&Self::voters>("Voters"),
      field<&Self::granting_voters>("GrantingVoters"));
};

/// The first record of a snapshot.
struct SnapshotHeaderRecord {
  using Self = SnapshotHeaderRecord;
  static constexpr Api api{.valid = "0", .flexible = "0+"};

  std::int16_t version = 0;
  std::int64_t last_contained_log_timestamp = 0;

  static constexpr auto wire = fields(
      field<&Self::version>("Version"),
      field<&Self::last_contained_log_timestamp>("LastContainedLogTimestamp"));
};

/// The last record of a snapshot.
struct SnapshotFooterRecord {
  using Self = SnapshotFooterRecord;
  static constexpr Api api{.valid = "0", .flexible = "0+"};

  std::int16_t version = 0;

  static constexpr auto wire = fields(
      field<&Self::version>("Version"));
};

/// The version of the quorum itself (KIP-853).
struct KRaftVersionRecord {
  using Self = KRaftVersionRecord;
  static constexpr Api api{.valid = "0", .flexible = "0+"};

  std::int16_t version = 0;
  std::int16_t k_raft_version = 0;

  static constexpr auto wire = fields(
      field<&Self::version>("Version"),
      field<&Self::k_raft_version>("KRaftVersion"));
};

/// Who votes, from here on (KIP-853).
struct VotersRecord {
  using Self = VotersRecord;
  static constexpr Api api{.valid = "0", .flexible = "0+"};

  struct Endpoint {
    using Self = Endpoint;
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

  struct Voter {
    using Self = Voter;
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Endpoint> endpoints;
    KRaftVersionFeature k_raft_version_feature;

    static constexpr auto wire = fields(
        field<&Self::voter_id>("VoterId"),
        field<&Self::voter_directory_id>("VoterDirectoryId"),
        field<&Self::endpoints>("Endpoints"),
        field<&Self::k_raft_version_feature>("KRaftVersionFeature"));
  };

  std::int16_t version = 0;
  std::vector<Voter> voters;

  static constexpr auto wire = fields(
      field<&Self::version>("Version"),
      field<&Self::voters>("Voters"));
};

}  // namespace trialog::protocol
