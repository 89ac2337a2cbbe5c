#pragma once

#include <map>
#include <set>
#include <variant>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/transitions.h"
#include "core/quorum/voters.h"

namespace trialog::quorum {

// One struct per role, holding what only that role has. Whoever is no voter is only ever
// unattached, follower or resigned, and has no deadline.

/// Knows no leader of its epoch, or has lost touch with it.
struct Unattached {
  Instant election_at;
};
/// Asks whether anybody would vote for it; has not begun an epoch for that (KIP-996).
struct Prospective {
  std::set<NodeId> granted, refused;
  Instant give_up_at;
};
/// Asks for votes in an epoch of its own.
struct Candidate {
  std::set<NodeId> granted, refused;
  Instant give_up_at;
};
/// Fetches from the leader.
struct Follower {
  NodeId leader;
  Instant fetch_by;
  /// It has answered a fetch not long ago, and has not said that it steps down: until then nobody
  /// else gets our pre-vote. Ends also for those who are no voters, or believe so.
  Instant content_until = Instant::min();
};
/// Alone appends to the log in its epoch.
struct Leader {
  struct Peer {
    Offset end{-1};  // -1: has not fetched.
    Instant fetched_at;
    Instant caught_up_at = Instant::min();
    Offset our_end;  // When it last fetched.
  };
  Offset epoch_start;
  std::set<NodeId> granted;
  std::map<ReplicaKey, Peer> peers;  // Voters and observers, without us.
  Instant begin_at;                  // When silent voters are to hear of us again.
};
/// Led this epoch and does so no more.
struct Resigned {
  Instant election_at;
};

using Role = std::variant<Unattached, Prospective, Candidate, Follower, Leader, Resigned>;
enum class RoleName {  // Indexes of `Role`.
  unattached,
  prospective,
  candidate,
  follower,
  leader,
  resigned,
};

inline constexpr Transition<RoleName> transitions[] = {
    {RoleName::unattached, RoleName::unattached, "a newer epoch exists, or another got our vote"},
    {RoleName::unattached, RoleName::prospective, "no leader showed up in time"},
    {RoleName::unattached, RoleName::follower, "a leader made itself known"},
    {RoleName::prospective, RoleName::unattached, "nobody would vote for us, or a newer epoch"},
    {RoleName::prospective, RoleName::candidate, "a majority would vote for us"},
    {RoleName::prospective, RoleName::follower, "a leader is there after all"},
    {RoleName::candidate, RoleName::unattached, "a newer epoch exists"},
    {RoleName::candidate, RoleName::prospective, "the election was lost or ran out of time"},
    {RoleName::candidate, RoleName::follower, "another candidate won"},
    {RoleName::candidate, RoleName::leader, "a majority voted for us"},
    {RoleName::follower, RoleName::unattached, "a newer epoch exists"},
    {RoleName::follower, RoleName::prospective, "the leader stopped answering, or steps down"},
    {RoleName::follower, RoleName::follower, "a leader of a newer epoch made itself known"},
    {RoleName::leader, RoleName::unattached, "a newer epoch exists"},
    {RoleName::leader, RoleName::follower, "a leader of a newer epoch made itself known"},
    {RoleName::leader, RoleName::resigned, "told to, removed, or out of touch with the majority"},
    {RoleName::resigned, RoleName::unattached, "a newer epoch exists"},
    {RoleName::resigned, RoleName::prospective, "nobody else took over in time"},
    {RoleName::resigned, RoleName::follower, "a leader of a newer epoch made itself known"},
};

}  // namespace trialog::quorum
