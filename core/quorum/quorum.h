#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "core/base/bugs.h"
#include "core/base/error_code.h"
#include "core/base/random.h"
#include "core/quorum/messages.h"
#include "core/quorum/roles.h"

namespace trialog::quorum {

/// What the node has to do now, in this order. Nothing may leave before `persist` is on disk.
struct Effects {
  std::optional<Ballot> persist;
  std::optional<Message> reply;  // To whoever sent the message that this answers.
  std::vector<Envelope> send;
  std::optional<Offset> committed;
  /// If we lead now, the log gets a LeaderChange record before anything else.
  bool role_changed = false;
};

struct Options {
  ReplicaKey self;
  Duration election_timeout = seconds(1);  // And up to as much again, by chance.
  Duration election_backoff_max = seconds(1);
  Duration fetch_timeout = seconds(2);
  Bugs bugs = {};
};

/// What the disk says when the node starts.
struct Recovered {
  Ballot ballot;
  LogEnd log;
  VoterHistory voters;
  Offset committed;  // What the newest snapshot holds.
};

/// Elects the leader of one log and decides how far that log is committed: Raft as in KIP-595,
/// where followers pull, with pre-votes (KIP-996) and a voter set that changes by one voter at a
/// time (KIP-853).
///
/// A pure machine. Time is an argument, chance is a seeded stream, the log is known by its end, and
/// whatever has to happen outside comes back as `Effects`. Same inputs, same outputs.
///
/// Always true: the epoch never falls; one vote per epoch; `committed` never falls; nothing below
/// it is truncated; only the leader of this epoch moves it on the log's own account.
class Quorum {
 public:
  Quorum(Options options, Recovered recovered, Random random, Instant now);

  Effects on_time(Instant now);
  /// `from` is who sent it, or, for a reply, who was asked.
  Effects on_message(Instant now, NodeId from, const Message& message);

  // While others fetch from us. The log has been found to agree with theirs up to `position`.
  Effects on_fetch(Instant now, const ReplicaKey& from, Offset position);
  /// It is busy fetching a snapshot, and alive.
  void on_snapshot_fetch(Instant now, const ReplicaKey& from);

  // While we fetch from others.
  /// Any answer said so.
  Effects on_leader_named(Instant now, Epoch epoch, std::optional<NodeId> leader);
  /// The leader of `epoch` answered a fetch from our log's end; ours agrees with its log.
  Effects on_fetched(Instant now, Epoch epoch, Offset high_watermark);

  // What became of our log. An append must be told before anything else happens.
  void on_appended(LogEnd log);
  /// The record at `at`, just appended, names the voters from now on.
  void on_voters(Instant now, Offset at, VoterSet voters);
  Effects on_synced(Instant now, Offset end);
  /// `log.end` is not below `committed()`, which the caller has checked.
  void on_truncated(Instant now, LogEnd log);
  /// The whole log was replaced by a snapshot. `voters` is empty if it names none.
  Effects on_snapshot(Instant now, LogEnd log, VoterSet voters);

  /// Steps down, for a graceful stop. Nothing if we do not lead.
  Effects resign(Instant now);

  /// The voter set to append a record of, or why there is none (KIP-853): not_leader_or_follower;
  /// unsupported_version while no record ever named the voters; request_timed_out while another
  /// change or our epoch's first record is not committed; duplicate_voter, voter_not_found.
  std::expected<VoterSet, ErrorCode> adding(Voter voter) const;
  std::expected<VoterSet, ErrorCode> removing(const ReplicaKey& voter) const;
  std::expected<VoterSet, ErrorCode> updating(Voter voter) const;
  /// Whether it has fetched all that we had, within `age`.
  bool caught_up(Instant now, const ReplicaKey& replica, Duration age) const;

  /// When `on_time` next has work.
  Instant deadline() const;

  Epoch epoch() const { return ballot_.epoch; }
  const Ballot& ballot() const { return ballot_; }
  /// Who is known to have been elected in this epoch, be it us.
  std::optional<NodeId> leader() const { return ballot_.leader; }
  const Role& role() const { return role_; }
  RoleName role_name() const { return static_cast<RoleName>(role_.index()); }
  bool leads() const { return role_name() == RoleName::leader; }
  Offset committed() const { return committed_; }
  /// What leaders have told us of theirs, be it beyond the end of our log.
  Offset leaders_watermark() const { return leaders_watermark_; }
  const LogEnd& log() const { return log_; }
  const VoterHistory& history() const { return voters_; }
  const VoterSet& voters() const { return voters_.latest(); }
  bool is_voter() const { return voters().has(options_.self); }
  /// A peer as the voter set knows it, so that one without directories is found by its id.
  ReplicaKey known_as(const ReplicaKey& replica) const;

 private:
  // election.cc
  Effects on(Instant now, NodeId from, const Vote& vote);
  Effects on(Instant now, NodeId from, const VoteReply& reply);
  bool grants(Instant now, const Vote& vote) const;
  bool won(const std::set<NodeId>& granted) const;
  bool lost(const std::set<NodeId>& refused) const;
  void ask_for_votes(bool pre_vote, Effects& effects) const;
  void become_prospective(Instant now, Effects& effects);
  void become_candidate(Instant now, Effects& effects);
  void retreat(Instant now, Effects& effects);

  // following.cc
  Effects on(Instant now, NodeId from, const BeginEpoch& begin);
  Effects on(Instant now, NodeId from, const EndEpoch& end);
  Effects on(Instant now, NodeId from, const EpochReply& reply);
  void hear(Instant now, Epoch epoch, std::optional<NodeId> leader, Effects& effects);
  void follow(Instant now, Epoch epoch, NodeId leader, Effects& effects);
  void detach(Instant now, Epoch epoch, Effects& effects);
  void rearm(Instant now);
  bool wrongly_addressed(const ReplicaKey& to) const;

  // leadership.cc
  void become_leader(Instant now, std::set<NodeId> granted, Effects& effects);
  void step_down(Instant now, Effects& effects);
  void lead_on(Instant now, Effects& effects);
  void begin_epoch(Instant now, Effects& effects);
  void heard_from(Instant now, const ReplicaKey& from, std::optional<Offset> position);
  Instant lost_touch_at() const;
  void count(Instant now, Effects& effects);
  void commit(Offset end, Effects& effects);
  std::optional<ErrorCode> unready_for_change() const;

  void become(Role next, Effects& effects);
  void keep(Ballot ballot, Effects& effects);
  Instant some_election(Instant now);

  Options options_;
  Random random_;
  Ballot ballot_;
  LogEnd log_;
  Offset synced_;
  VoterHistory voters_;
  Offset committed_;
  Offset leaders_watermark_;  // The highest that a leader has told us.
  Role role_;
};

}  // namespace trialog::quorum
