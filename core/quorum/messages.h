#pragma once

#include <compare>
#include <optional>
#include <variant>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/ids.h"
#include "core/quorum/voters.h"

namespace trialog::quorum {

/// How far a log reaches. Ordered as elections compare logs: newest epoch first, then length.
struct LogEnd {
  Epoch last_epoch{0};
  Offset end;
  friend auto operator<=>(const LogEnd&, const LogEnd&) = default;
};

/// A snapshot holds everything before `end`, whose last record is of `epoch` (KIP-630).
struct SnapshotId {
  Offset end;
  Epoch epoch{0};
  friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;
};

/// What must survive a crash so that nobody votes twice and no leader goes on in its old epoch.
struct Ballot {
  Epoch epoch{0};
  std::optional<ReplicaKey> vote;
  std::optional<NodeId> leader;
  friend bool operator==(const Ballot&, const Ballot&) = default;
};

/// Asks for a vote; a pre-vote (KIP-996) only asks whether one would be given, in the epoch there
/// is. `voter` is whom the candidate believes to ask.
struct Vote {
  Epoch epoch;
  ReplicaKey candidate;
  ReplicaKey voter;
  LogEnd log;
  bool pre_vote = false;
};
/// `epoch` and `leader` are what the voter knows.
struct VoteReply {
  ErrorCode error = ErrorCode::none;
  Epoch epoch;
  std::optional<NodeId> leader;
  bool granted = false;
  bool pre_vote = false;
};
/// The leader makes itself known to a voter that does not fetch.
struct BeginEpoch {
  Epoch epoch;
  NodeId leader;
  ReplicaKey voter;
};
/// The leader steps down, and names who should follow, best first.
struct EndEpoch {
  Epoch epoch;
  NodeId leader;
  std::vector<ReplicaKey> successors;
};
struct EpochReply {
  ErrorCode error = ErrorCode::none;
  Epoch epoch;
  std::optional<NodeId> leader;
};

using Message = std::variant<Vote, VoteReply, BeginEpoch, EndEpoch, EpochReply>;
struct Envelope {
  ReplicaKey to;
  Message message;
};

}  // namespace trialog::quorum
