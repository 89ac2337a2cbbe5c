#include "core/quorum/quorum.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/match.h"

namespace trialog::quorum {

/// Who led goes on as resigned: it may have lost records of its epoch, and would write others in
/// their place (KAFKA-10527).
Quorum::Quorum(Options options, Recovered recovered, Random random, Instant now)
    : options_(std::move(options)),
      random_(random),
      ballot_(recovered.ballot),
      log_(recovered.log),
      synced_(recovered.log.end),
      voters_(std::move(recovered.voters)),
      committed_(recovered.committed) {
  CHECK(options_.self.id.value >= 0);
  CHECK(committed_ <= log_.end);
  // A log of a newer epoch than the ballot is one whose ballot was lost, or that never had one.
  if (ballot_.epoch < log_.last_epoch) ballot_ = Ballot(log_.last_epoch);
  const bool alone = is_voter() && voters().size() == 1;
  const Instant election_at = alone ? now : some_election(now);
  if (!ballot_.leader) {
    role_ = Unattached{election_at};
  } else if (*ballot_.leader != options_.self.id) {
    role_ = Follower{*ballot_.leader, is_voter() ? now + options_.fetch_timeout : never};
  } else if (options_.bugs.has(Bug::leader_resumes_after_restart) && is_voter()) {
    role_ = Leader{.epoch_start = log_.end, .begin_at = now};
  } else {
    role_ = Resigned{election_at};
  }
}

Effects Quorum::on_time(Instant now) {
  Effects effects;
  if (now < deadline()) return effects;
  match(
      role_,  //
      [&](const Leader&) { lead_on(now, effects); },
      [&](const Prospective&) { retreat(now, effects); },
      [&](const auto&) { become_prospective(now, effects); });
  return effects;
}

Effects Quorum::on_message(Instant now, NodeId from, const Message& message) {
  return std::visit([&](const auto& m) { return on(now, from, m); }, message);
}

void Quorum::on_appended(LogEnd log) {
  CHECK(log.end > log_.end);
  CHECK(log.last_epoch >= log_.last_epoch);
  CHECK(log.last_epoch <= ballot_.epoch);
  log_ = log;
}

void Quorum::on_voters(Instant now, Offset at, VoterSet voters) {
  CHECK(at < log_.end);
  voters_.note(at, std::move(voters));
  rearm(now);
}

Effects Quorum::on_synced(Instant now, Offset end) {
  Effects effects;
  // A sync that began before a truncation may tell of more than there is.
  synced_ = std::max(synced_, std::min(end, log_.end));
  if (leads()) {
    count(now, effects);
  } else {
    commit(std::min(leaders_watermark_, synced_), effects);
  }
  return effects;
}

void Quorum::on_truncated(Instant now, LogEnd log) {
  CHECK(!leads());
  CHECK(log.end >= committed_);
  CHECK(log.end <= log_.end);
  log_ = log;
  synced_ = std::min(synced_, log.end);
  if (voters_.truncate(log.end)) rearm(now);
}

Effects Quorum::on_snapshot(Instant now, LogEnd log, VoterSet voters) {
  CHECK(!leads());
  CHECK(log.end >= committed_);
  Effects effects;
  log_ = log;
  synced_ = log.end;
  voters_.reset(log.end, std::move(voters));
  leaders_watermark_ = std::max(leaders_watermark_, log.end);
  rearm(now);
  commit(log.end, effects);
  return effects;
}

void Quorum::commit(Offset end, Effects& effects) {
  if (end <= committed_) return;
  CHECK(end <= synced_ || leads());
  committed_ = end;
  effects.committed = end;
}

Instant Quorum::deadline() const {
  return match(
      role_,  //
      [](const Unattached& r) { return r.election_at; },
      [](const Prospective& r) { return r.give_up_at; },
      [](const Candidate& r) { return r.give_up_at; }, [](const Follower& r) { return r.fetch_by; },
      [&](const Leader& r) { return std::min(r.begin_at, lost_touch_at()); },
      [](const Resigned& r) { return r.election_at; });
}

ReplicaKey Quorum::known_as(const ReplicaKey& replica) const {
  return voters().has(replica) ? voters().find(replica.id)->key() : replica;
}

void Quorum::become(Role next, Effects& effects) {
  const auto from = static_cast<RoleName>(role_.index());
  const auto to = static_cast<RoleName>(next.index());
  CHECK(allows(transitions, from, to));
  role_ = std::move(next);
  effects.role_changed = true;
}

void Quorum::keep(Ballot ballot, Effects& effects) {
  CHECK(ballot.epoch >= ballot_.epoch);
  if (ballot == ballot_) return;
  const bool same_epoch = ballot.epoch == ballot_.epoch;
  CHECK(!same_epoch || !ballot_.vote || ballot.vote == ballot_.vote);
  CHECK(!same_epoch || !ballot_.leader || ballot.leader == ballot_.leader);
  ballot_ = std::move(ballot);
  effects.persist = ballot_;
}

Instant Quorum::some_election(Instant now) {
  if (!is_voter()) return never;
  const auto most = static_cast<std::uint64_t>(options_.election_timeout.count());
  const auto more = random_.below(std::max<std::uint64_t>(most, 1));
  return now + options_.election_timeout + Duration(static_cast<std::int64_t>(more));
}

}  // namespace trialog::quorum
