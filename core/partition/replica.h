#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/bugs.h"
#include "core/base/error_code.h"
#include "core/partition/roles.h"

namespace trialog::partition {

struct Options {
  NodeId self;
  Duration max_lag = seconds(30);  // replica.lag.time.max.ms
  Bugs bugs;
};

/// What the controller decided about one partition, and how many copies its topic asks for.
struct Assignment {
  NodeId leader;  // -1 if there is none.
  Epoch leader_epoch = no_epoch;
  std::int32_t partition_epoch = -1;
  std::vector<NodeId> replicas;
  std::set<NodeId> isr;
  std::size_t min_isr = 1;  // min.insync.replicas
  bool recovering = false;  // From an unclean election.
};

/// How far the log of this replica reaches, and how much of that counts as kept.
struct LogEnd {
  Offset end;
  Offset kept;
};

/// Another replica asks for what lies behind `position`: all before it is kept there.
struct FollowerFetch {
  NodeId from;
  Epoch leader_epoch = no_epoch;   // In which it believes; none if it did not say.
  std::int64_t broker_epoch = -1;  // -1 if it did not say.
  Offset position;
  Offset log_start{-1};
  std::int64_t registered_epoch = -1;  // Its broker epoch in our image.
  bool available = false;              // There, neither fenced nor about to leave.
};

/// An in-sync set to be asked of the controller, with the members' broker epochs (-1: not known).
struct Proposal {
  Epoch leader_epoch;
  std::int32_t partition_epoch = -1;
  std::map<NodeId, std::int64_t> isr;
  bool recovering = false;
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// What became of a proposal. An answer that never came is `unknown_server_error`.
struct IsrAnswer {
  ErrorCode error = ErrorCode::none;
  Epoch leader_epoch = no_epoch;
  std::int32_t partition_epoch = -1;
  std::set<NodeId> isr;
  bool recovering = false;
};

/// Where an epoch ends in some log; epoch -1 if that log does not know.
struct EpochEnd {
  Epoch epoch = no_epoch;
  Offset end;
};

/// What the shell has to do now, in this order.
struct Effects {
  /// Note in the log that this epoch begins at its end.
  std::optional<Epoch> begin_epoch;
  /// Cut the log here; epochs that begin at or behind it go as well, even if nothing else does.
  std::optional<Offset> truncate_to;
  /// Forget the whole log and begin again at this offset.
  std::optional<Offset> start_at;
  std::optional<Proposal> propose;
  /// The high watermark or the role moved: wake whoever waits for that.
  bool moved = false;
};

/// One replica of one partition: its high watermark, and, while it leads, its in-sync set. Pure.
/// The rules are those of KIP-101, 279, 497, 841, 903 and 966.
///
/// Always true: the high watermark never falls but by `on_truncated`; while leading it counts every
/// member of the in-sync set in force and of the one proposed, so that neither answer of the
/// controller can lose a record; it stands still while the committed set is below min_isr.
class Replica {
 public:
  /// `high_watermark` as it was remembered; it is bounded by what is kept.
  Replica(Options options, LogEnd log, Offset high_watermark);

  /// One that is older than what we have is ignored.
  Effects on_assignment(Instant now, const Assignment& assignment, LogEnd log);
  /// More of our own log is kept.
  Effects on_kept(Instant now, LogEnd log);
  /// The log begins later: nothing before `start` is wanted any more.
  Effects on_log_start(Offset start);

  /// Why a follower's fetch must not be answered with records nor counted, or none:
  /// fenced_leader_epoch, unknown_leader_epoch, not_leader_or_follower (SEMANTICS 3.4, 3.6, 4.3).
  ErrorCode admit(Instant now, const FollowerFetch& fetch, LogEnd log);
  /// Counts a fetch that was admitted and whose position is one of our log's, not diverging.
  Effects on_follower_fetch(Instant now, const FollowerFetch& fetch, LogEnd log);
  Effects on_isr_answer(Instant now, const Proposal& asked, const IsrAnswer& answer, LogEnd log);
  Effects on_time(Instant now, LogEnd log);
  /// When `on_time` next has work.
  Instant deadline() const;

  /// The leader of `epoch` answered our fetch without objection.
  Effects on_leader_answer(Epoch epoch, Offset leader_watermark, LogEnd log);
  /// The leader of `epoch` found that our logs part: there its last epoch not after ours ends, and
  /// so does, in our log, the same epoch.
  Effects on_diverging(Epoch epoch, Offset leader_watermark, EpochEnd theirs, EpochEnd ours,
                       LogEnd log);
  /// The leader of `epoch` does not have what we asked for; its log lies in [start, end).
  Effects on_out_of_range(Epoch epoch, Offset leader_start, Offset leader_end, LogEnd log);
  /// The log has been cut, or begun again, and now ends at `end`, all kept.
  void on_truncated(Offset end);

  const Role& role() const { return role_; }
  RoleName role_name() const { return static_cast<RoleName>(role_.index()); }
  bool leads() const { return std::holds_alternative<Leading>(role_); }
  bool follows(Epoch epoch) const;
  Epoch leader_epoch() const { return assignment_.leader_epoch; }
  std::int32_t partition_epoch() const { return assignment_.partition_epoch; }
  Offset high_watermark() const { return high_watermark_; }
  /// Whether a record that ends at `end` may be acknowledged to who asked for all in-sync replicas.
  bool committed(Offset end) const;
  /// Whether the committed, or the larger of the sets in question, has as many as the topic wants.
  bool isr_is_enough() const;
  bool maximal_isr_is_enough() const;

 private:
  void become(Role next);
  void lead(Instant now, const Assignment& assignment, LogEnd log, Effects& effects);
  void update_peers(Instant now, Leading& leading, bool new_epoch, bool forget) const;
  void follow(const Assignment& assignment, LogEnd log, Effects& effects);
  void count(Instant now, Leading& leading, const FollowerFetch& fetch, LogEnd log);
  bool caught_up(Instant now, const Peer& peer, Offset end) const;
  bool is_counted(Instant now, const Leading& leading, NodeId id, const Peer& peer,
                  Offset end) const;
  void expand(Leading& leading, NodeId follower, Effects& effects);
  void propose(Leading& leading, std::set<NodeId> isr, Effects& effects);
  void raise_from_peers(Instant now, const Leading& leading, LogEnd log, Effects& effects);
  void raise_from_leader(Following& following, Offset leader_watermark, LogEnd log,
                         Effects& effects);
  void raise_to(Offset watermark, Effects& effects);
  std::size_t wanted_isr() const;

  Options options_;
  Assignment assignment_;
  Role role_;
  Offset high_watermark_;
};

}  // namespace trialog::partition
