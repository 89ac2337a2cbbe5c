#include "core/partition/replica.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace trialog::partition {

Replica::Replica(Options options, LogEnd log, Offset high_watermark)
    : options_(options), high_watermark_(std::clamp(high_watermark, Offset(0), log.kept)) {
  CHECK(log.kept <= log.end);
}

Effects Replica::on_assignment(Instant now, const Assignment& assignment, LogEnd log) {
  Effects effects;
  const bool stale = assignment.leader_epoch < assignment_.leader_epoch ||
                     assignment.partition_epoch < assignment_.partition_epoch;
  if (stale) return effects;
  if (assignment.leader == options_.self) {
    lead(now, assignment, log, effects);
  } else if (assignment.leader.value >= 0) {
    follow(assignment, log, effects);
  } else {
    effects.moved = role_name() != RoleName::idle;
    assignment_ = assignment;
    become(Idle());
  }
  return effects;
}

void Replica::become(Role next) {
  const auto from = role_name();
  const auto to = static_cast<RoleName>(next.index());
  CHECK(allows(transitions, from, to));
  role_ = std::move(next);
}

void Replica::follow(const Assignment& assignment, LogEnd log, Effects& effects) {
  const bool same = follows(assignment.leader_epoch);
  assignment_ = assignment;
  if (same) return;
  become(Following{assignment.leader, assignment.leader_epoch, high_watermark_});
  effects.moved = true;
  // Before KIP-101 a follower cut its log to what it knew to be committed, and so lost what the
  // leader had committed since.
  if (options_.bugs.has(Bug::truncate_to_high_watermark) && high_watermark_ < log.end) {
    effects.truncate_to = high_watermark_;
  }
}

bool Replica::follows(Epoch epoch) const {
  const auto* following = std::get_if<Following>(&role_);
  return following != nullptr && following->epoch == epoch;
}

Effects Replica::on_kept(Instant now, LogEnd log) {
  CHECK(log.kept <= log.end);
  Effects effects;
  if (const auto* leading = std::get_if<Leading>(&role_)) {
    raise_from_peers(now, *leading, log, effects);
  } else if (auto* following = std::get_if<Following>(&role_)) {
    raise_from_leader(*following, following->leader_watermark, log, effects);
  }
  return effects;
}

Effects Replica::on_log_start(Offset start) {
  Effects effects;
  raise_to(start, effects);
  return effects;
}

Effects Replica::on_leader_answer(Epoch epoch, Offset leader_watermark, LogEnd log) {
  Effects effects;
  if (follows(epoch)) {
    raise_from_leader(std::get<Following>(role_), leader_watermark, log, effects);
  }
  return effects;
}

Effects Replica::on_diverging(Epoch epoch, Offset leader_watermark, EpochEnd theirs, EpochEnd ours,
                              LogEnd log) {
  Effects effects;
  if (!follows(epoch)) return effects;
  // What our log holds behind the fork is none of what the leader calls committed (KAFKA-14704).
  if (options_.bugs.has(Bug::watermark_before_truncation)) {
    raise_from_leader(std::get<Following>(role_), leader_watermark, log, effects);
  }
  // If the epoch before theirs is the newest that both may have, the next fetch finds out more.
  Offset end = ours.epoch == theirs.epoch ? std::min(theirs.end, ours.end) : ours.end;
  if (ours.epoch == no_epoch) end = theirs.end;
  effects.truncate_to = std::clamp(end, Offset(0), log.end);
  return effects;
}

Effects Replica::on_out_of_range(Epoch epoch, Offset leader_start, Offset leader_end, LogEnd log) {
  Effects effects;
  if (!follows(epoch)) return effects;
  if (leader_end < log.end) {
    effects.truncate_to = std::max(leader_end, Offset(0));
  } else if (leader_start > log.end) {
    effects.start_at = leader_start;
  }
  return effects;
}

void Replica::on_truncated(Offset end) {
  if (high_watermark_ > end) high_watermark_ = end;
  if (auto* following = std::get_if<Following>(&role_)) {
    following->leader_watermark = std::min(following->leader_watermark, end);
  }
}

void Replica::raise_from_leader(Following& following, Offset leader_watermark, LogEnd log,
                                Effects& effects) {
  following.leader_watermark = std::max(following.leader_watermark, leader_watermark);
  raise_to(std::min(following.leader_watermark, log.kept), effects);
}

void Replica::raise_to(Offset watermark, Effects& effects) {
  if (watermark <= high_watermark_) return;
  high_watermark_ = watermark;
  effects.moved = true;
}

bool Replica::committed(Offset end) const {
  return high_watermark_ >= end || options_.bugs.has(Bug::ack_before_replication);
}

std::size_t Replica::wanted_isr() const {
  return std::max<std::size_t>(std::min(assignment_.min_isr, assignment_.replicas.size()), 1);
}

bool Replica::isr_is_enough() const { return assignment_.isr.size() >= wanted_isr(); }

bool Replica::maximal_isr_is_enough() const {
  const auto* leading = std::get_if<Leading>(&role_);
  if (leading == nullptr || !leading->proposed) return isr_is_enough();
  return std::max(leading->isr.size(), leading->proposed->size()) >= wanted_isr();
}

}  // namespace trialog::partition
