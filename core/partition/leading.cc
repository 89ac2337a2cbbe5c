#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/partition/replica.h"

namespace trialog::partition {
namespace {

std::set<NodeId> members(const Proposal& proposal) {
  std::set<NodeId> result;
  for (const auto& [id, broker_epoch] : proposal.isr) result.insert(id);
  return result;
}

/// Errors that say that the metadata know better; they will reach us.
bool metadata_will_tell(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Replica::lead(Instant now, const Assignment& assignment, LogEnd log, Effects& effects) {
  const auto* before = std::get_if<Leading>(&role_);
  const bool new_epoch = before == nullptr || before->epoch != assignment.leader_epoch;
  // What we knew of the others still holds only if nobody else led in between.
  const bool forget =
      before == nullptr || assignment.leader_epoch > assignment_.leader_epoch.next();
  const bool changed = assignment.partition_epoch > assignment_.partition_epoch;
  assignment_ = assignment;

  Leading next = before != nullptr ? *before : Leading();
  if (new_epoch) {
    next.epoch = assignment.leader_epoch;
    next.epoch_start = log.end;
    next.check_at = now + options_.max_lag / 2;
    effects.moved = true;
    if (!options_.bugs.has(Bug::empty_epoch_not_recorded)) effects.begin_epoch = next.epoch;
  }
  if (changed || new_epoch) next.proposed.reset();
  next.isr = assignment.isr;
  update_peers(now, next, new_epoch, forget);
  become(std::move(next));

  auto& leading = std::get<Leading>(role_);
  if (assignment.recovering && !leading.proposed) propose(leading, leading.isr, effects);
  raise_from_peers(now, leading, log, effects);
}

void Replica::update_peers(Instant now, Leading& leading, bool new_epoch, bool forget) const {
  std::map<NodeId, Peer> peers;
  for (const auto id : assignment_.replicas) {
    if (id == options_.self) continue;
    const auto known = leading.peers.find(id);
    auto& peer = peers[id];
    if (known != leading.peers.end() && !forget) peer = known->second;
    if (!new_epoch && known != leading.peers.end()) continue;
    peer.caught_up_at.reset();
    peer.fetched_at.reset();
    if (leading.isr.contains(id)) peer.caught_up_at = now;
  }
  leading.peers = std::move(peers);
}

ErrorCode Replica::admit(Instant now, const FollowerFetch& fetch, LogEnd log) {
  const bool told = fetch.leader_epoch != no_epoch;
  auto* leading = std::get_if<Leading>(&role_);
  if (told && fetch.leader_epoch != assignment_.leader_epoch) {
    const bool known = leading != nullptr && leading->peers.contains(fetch.from);
    if (!options_.bugs.has(Bug::no_epoch_fence_on_fetch) || !known) {
      return fetch.leader_epoch < assignment_.leader_epoch ? ErrorCode::fenced_leader_epoch
                                                           : ErrorCode::unknown_leader_epoch;
    }
    count(now, *leading, fetch, log);
  }
  if (leading == nullptr) return ErrorCode::not_leader_or_follower;
  if (!leading->peers.contains(fetch.from)) {
    return told ? ErrorCode::unknown_leader_epoch : ErrorCode::not_leader_or_follower;
  }
  const bool old = fetch.broker_epoch != -1 && fetch.broker_epoch < fetch.registered_epoch;
  return old ? ErrorCode::not_leader_or_follower : ErrorCode::none;
}

Effects Replica::on_follower_fetch(Instant now, const FollowerFetch& fetch, LogEnd log) {
  CHECK(leads());
  auto& leading = std::get<Leading>(role_);
  CHECK(leading.peers.contains(fetch.from));
  CHECK(fetch.position <= log.end);
  Effects effects;
  count(now, leading, fetch, log);
  expand(leading, fetch.from, effects);
  raise_from_peers(now, leading, log, effects);
  return effects;
}

void Replica::count(Instant now, Leading& leading, const FollowerFetch& fetch, LogEnd log) {
  auto& peer = leading.peers.at(fetch.from);
  if (fetch.position >= log.end) {
    peer.caught_up_at = now;
  } else if (peer.fetched_at && fetch.position >= peer.our_end_then) {
    peer.caught_up_at = std::max(peer.caught_up_at.value_or(*peer.fetched_at), *peer.fetched_at);
  }
  peer.end = std::min(fetch.position, log.end);
  peer.log_start = fetch.log_start;
  peer.fetched_at = now;
  peer.our_end_then = log.end;
  peer.broker_epoch = fetch.broker_epoch;
  const bool current = fetch.broker_epoch == -1 || fetch.broker_epoch == fetch.registered_epoch;
  peer.may_join = fetch.available && current;
}

bool Replica::caught_up(Instant now, const Peer& peer, Offset end) const {
  if (peer.end && *peer.end >= end) return true;
  return peer.caught_up_at && now - *peer.caught_up_at <= options_.max_lag;
}

void Replica::expand(Leading& leading, NodeId follower, Effects& effects) {
  if (leading.proposed || leading.isr.contains(follower)) return;
  const auto& peer = leading.peers.at(follower);
  if (!peer.may_join || !peer.end || *peer.end < high_watermark_) return;
  // All that earlier leaders committed lies before our epoch; the watermark may not know it yet.
  const bool short_of_epoch = *peer.end < leading.epoch_start;
  if (short_of_epoch && !options_.bugs.has(Bug::join_isr_before_epoch_start)) return;
  auto isr = leading.isr;
  isr.insert(follower);
  propose(leading, std::move(isr), effects);
}

void Replica::propose(Leading& leading, std::set<NodeId> isr, Effects& effects) {
  CHECK(!leading.proposed);
  Proposal proposal;
  proposal.leader_epoch = leading.epoch;
  proposal.partition_epoch = assignment_.partition_epoch;
  for (const auto id : isr) {
    const auto peer = leading.peers.find(id);
    proposal.isr[id] = peer == leading.peers.end() ? -1 : peer->second.broker_epoch;
  }
  leading.proposed = std::move(isr);
  effects.propose = std::move(proposal);
}

Effects Replica::on_isr_answer(Instant now, const Proposal& asked, const IsrAnswer& answer,
                               LogEnd log) {
  Effects effects;
  auto* leading = std::get_if<Leading>(&role_);
  const bool awaited = leading != nullptr && leading->epoch == asked.leader_epoch &&
                       assignment_.partition_epoch == asked.partition_epoch &&
                       leading->proposed == members(asked);
  if (!awaited) return effects;
  if (answer.error == ErrorCode::none) {
    const bool ours = answer.leader_epoch == leading->epoch &&
                      answer.partition_epoch >= assignment_.partition_epoch;
    if (!ours) return effects;
    leading->proposed.reset();
    leading->isr = assignment_.isr = answer.isr;
    assignment_.partition_epoch = answer.partition_epoch;
    assignment_.recovering = answer.recovering;
    raise_from_peers(now, *leading, log, effects);
  } else if (answer.error == ErrorCode::ineligible_replica ||
             answer.error == ErrorCode::operation_not_attempted) {
    leading->proposed.reset();
    raise_from_peers(now, *leading, log, effects);
  } else if (!metadata_will_tell(answer.error)) {
    effects.propose = asked;
  }
  return effects;
}

Effects Replica::on_time(Instant now, LogEnd log) {
  Effects effects;
  auto* leading = std::get_if<Leading>(&role_);
  if (leading == nullptr || now < leading->check_at) return effects;
  leading->check_at = now + options_.max_lag / 2;
  if (leading->proposed) return effects;
  auto isr = leading->isr;
  for (const auto& [id, peer] : leading->peers) {
    if (!caught_up(now, peer, log.end)) isr.erase(id);
  }
  if (isr != leading->isr) propose(*leading, std::move(isr), effects);
  // Who no longer holds the watermark back by being about to join.
  raise_from_peers(now, *leading, log, effects);
  return effects;
}

Instant Replica::deadline() const {
  const auto* leading = std::get_if<Leading>(&role_);
  return leading == nullptr ? never : leading->check_at;
}

bool Replica::is_counted(Instant now, const Leading& leading, NodeId id, const Peer& peer,
                         Offset end) const {
  const bool trusted = leading.proposed && options_.bugs.has(Bug::pending_isr_shrink_trusted);
  if (trusted) return leading.proposed->contains(id);
  if (leading.isr.contains(id)) return true;
  if (options_.bugs.has(Bug::pending_isr_growth_ignored)) return false;
  if (leading.proposed && leading.proposed->contains(id)) return true;
  // One that is about to join must not be left behind by what it would then have to have.
  return peer.may_join && peer.end && caught_up(now, peer, end);
}

void Replica::raise_from_peers(Instant now, const Leading& leading, LogEnd log, Effects& effects) {
  if (!isr_is_enough()) return;
  Offset least = log.kept;
  for (const auto& [id, peer] : leading.peers) {
    if (least <= high_watermark_) return;
    if (!is_counted(now, leading, id, peer, log.end)) continue;
    least = std::min(least, peer.end.value_or(Offset(0)));
  }
  raise_to(least, effects);
}

}  // namespace trialog::partition
