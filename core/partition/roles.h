#pragma once

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <variant>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/transitions.h"

namespace trialog::partition {

/// What a replica is in its partition; one for each alternative of `Role`, in their order.
enum class RoleName { idle, following, leading };

inline constexpr Transition<RoleName> transitions[] = {
    {RoleName::idle, RoleName::idle, "still nobody leads"},
    {RoleName::idle, RoleName::following, "another replica was elected"},
    {RoleName::idle, RoleName::leading, "we were elected"},
    {RoleName::following, RoleName::idle, "the leader is gone"},
    {RoleName::following, RoleName::following, "another leader, or another epoch"},
    {RoleName::following, RoleName::leading, "we were elected"},
    {RoleName::leading, RoleName::idle, "nobody leads any more"},
    {RoleName::leading, RoleName::following, "another replica was elected"},
    {RoleName::leading, RoleName::leading, "elected again, in a new epoch"},
};

constexpr std::string_view name_of(RoleName role) {
  switch (role) {
    case RoleName::idle:
      return "idle";
    case RoleName::following:
      return "following";
    case RoleName::leading:
      return "leading";
  }
  return "";
}

/// Nobody leads the partition, or we may not use what we have.
struct Idle {};

struct Following {
  NodeId leader;
  Epoch epoch;
  /// The leader's high watermark as it told us; ours follows as far as our log is kept.
  Offset leader_watermark{0};
};

/// What a leader knows of another replica.
struct Peer {
  /// How far its log is kept; nothing before its first fetch of this epoch.
  std::optional<Offset> end;
  Offset log_start{-1};
  /// When it last had all that we had; nothing if never.
  std::optional<Instant> caught_up_at;
  std::optional<Instant> fetched_at;
  Offset our_end_then{0};  // Our log's end at `fetched_at`.
  std::int64_t broker_epoch = -1;
  /// Registered under `broker_epoch`, neither fenced nor about to leave, as of its last fetch.
  bool may_join = false;
};

struct Leading {
  Epoch epoch;
  Offset epoch_start;
  std::map<NodeId, Peer> peers;  // All replicas but us.
  std::set<NodeId> isr;          // As the controller committed it.
  /// Asked of the controller, not yet answered.
  std::optional<std::set<NodeId>> proposed;
  Instant check_at;  // When to look for those who lag behind.
};

using Role = std::variant<Idle, Following, Leading>;

}  // namespace trialog::partition
