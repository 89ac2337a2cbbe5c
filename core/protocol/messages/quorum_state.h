#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// What a voter must not forget, as the file quorum-state holds it (KIP-595).
struct QuorumStateData {
  using Self = QuorumStateData;
  static constexpr Api api{.valid = "0-1", .flexible = "0+"};

  struct Voter {
    using Self = Voter;
    std::int32_t voter_id = 0;

    static constexpr auto wire = fields(
        field<&Self::voter_id>("VoterId", "0"));
  };

  std::string cluster_id;
  std::int32_t leader_id = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t voted_id = -1;
  Uuid voted_directory_id;
  std::int64_t applied_offset = 0;
  std::optional<std::vector<Voter>> current_voters{std::in_place};

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId", "0"),
      field<&Self::leader_id>("LeaderId"),
      field<&Self::leader_epoch>("LeaderEpoch"),
      field<&Self::voted_id>("VotedId"),
      field<&Self::voted_directory_id>("VotedDirectoryId", "1+"),
      field<&Self::applied_offset>("AppliedOffset", "0"),
      field<&Self::current_voters>("CurrentVoters", "0").nullable("0"));
};

}  // namespace trialog::protocol
