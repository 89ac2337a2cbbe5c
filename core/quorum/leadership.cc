#include <algorithm>

#include "core/base/check.h"
#include "core/quorum/quorum.h"

namespace trialog::quorum {
namespace {

/// Observers come and go; the ones heard of longest ago are forgotten beyond so many, and after so
/// long.
constexpr std::size_t most_peers = 1000;
constexpr Duration observer_memory = seconds(300);

}  // namespace

void Quorum::become_leader(Instant now, std::set<NodeId> granted, Effects& effects) {
  CHECK(ballot_.vote == options_.self);
  auto ballot = ballot_;
  ballot.leader = options_.self.id;
  keep(std::move(ballot), effects);
  Leader leader{.epoch_start = log_.end, .granted = std::move(granted)};
  for (const auto& voter : voters().all()) {
    if (voter.id != options_.self.id) leader.peers[voter.key()].fetched_at = now;
  }
  become(std::move(leader), effects);
  begin_epoch(now, effects);
}

/// Tells those of us who do not fetch, and thereby show that they know.
void Quorum::begin_epoch(Instant now, Effects& effects) {
  auto& leader = std::get<Leader>(role_);
  const Duration interval = options_.fetch_timeout / 2;
  for (const auto& voter : voters().all()) {
    if (voter.id == options_.self.id) continue;
    const auto peer = leader.peers.find(voter.key());
    const bool fetches = peer != leader.peers.end() && peer->second.end.value >= 0 &&
                         now - peer->second.fetched_at < interval;
    if (fetches) continue;
    const BeginEpoch begin(ballot_.epoch, options_.self.id, voter.key());
    effects.send.push_back({voter.key(), begin});
  }
  leader.begin_at = voters().size() > 1 || !is_voter() ? now + interval : never;
}

/// When a majority of the voters, us included if we are one, has been silent for too long
/// (KAFKA-15489).
Instant Quorum::lost_touch_at() const {
  const auto& leader = std::get<Leader>(role_);
  const std::size_t needed = voters().majority() - (is_voter() ? 1 : 0);
  if (needed == 0) return never;
  std::vector<Instant> heard;
  for (const auto& voter : voters().all()) {
    if (voter.id == options_.self.id && is_voter()) continue;
    const auto peer = leader.peers.find(voter.key());
    heard.push_back(peer == leader.peers.end() ? Instant() : peer->second.fetched_at);
  }
  std::ranges::sort(heard, std::greater<>());
  CHECK(heard.size() >= needed);
  return heard[needed - 1] + options_.fetch_timeout * 3 / 2;
}

void Quorum::lead_on(Instant now, Effects& effects) {
  if (now >= lost_touch_at()) return step_down(now, effects);
  begin_epoch(now, effects);
  auto& peers = std::get<Leader>(role_).peers;
  std::erase_if(peers, [&](const auto& peer) {
    return !voters().has(peer.first) && now - peer.second.fetched_at > observer_memory;
  });
}

void Quorum::step_down(Instant now, Effects& effects) {
  const auto& leader = std::get<Leader>(role_);
  std::vector<std::pair<Offset, ReplicaKey>> by_end;
  for (const auto& voter : voters().all()) {
    if (voter.id == options_.self.id) continue;
    const auto peer = leader.peers.find(voter.key());
    by_end.emplace_back(peer == leader.peers.end() ? Offset(-1) : peer->second.end, voter.key());
  }
  std::ranges::sort(by_end, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  EndEpoch end(ballot_.epoch, options_.self.id);
  for (const auto& [position, key] : by_end) end.successors.push_back(key);
  for (const auto& key : end.successors) effects.send.push_back({key, end});
  become(Resigned{some_election(now)}, effects);
}

Effects Quorum::resign(Instant now) {
  Effects effects;
  if (leads()) step_down(now, effects);
  return effects;
}

void Quorum::heard_from(Instant now, const ReplicaKey& from, std::optional<Offset> position) {
  auto& peers = std::get<Leader>(role_).peers;
  const auto key = known_as(from);
  if (!peers.contains(key) && peers.size() >= most_peers) {
    std::erase_if(peers, [&](const auto& peer) {
      return !voters().has(peer.first) && now - peer.second.fetched_at > options_.fetch_timeout;
    });
    if (peers.size() >= most_peers && !voters().has(from)) return;
  }
  auto& peer = peers[key];
  if (position) {
    if (*position >= log_.end) {
      peer.caught_up_at = now;
    } else if (peer.end.value >= 0 && *position >= peer.our_end) {
      peer.caught_up_at = std::max(peer.caught_up_at, peer.fetched_at);
    }
    peer.end = *position;
    peer.our_end = log_.end;
  }
  peer.fetched_at = now;
}

void Quorum::on_snapshot_fetch(Instant now, const ReplicaKey& from) {
  if (leads() && from.id.value >= 0) heard_from(now, from, std::nullopt);
}

Effects Quorum::on_fetch(Instant now, const ReplicaKey& from, Offset position) {
  Effects effects;
  if (!leads() || from.id.value < 0 || position > log_.end) return effects;
  heard_from(now, from, position);
  count(now, effects);
  return effects;
}

/// The log is committed as far as a majority has it on disk, once that includes a record of our own
/// epoch (KAFKA-12619, Raft's figure 8). We count only if we vote.
void Quorum::count(Instant now, Effects& effects) {
  const auto& leader = std::get<Leader>(role_);
  if (voters().size() == 0) return;
  std::vector<Offset> ends;
  for (const auto& voter : voters().all()) {
    const bool us = voter.id == options_.self.id && is_voter();
    const auto peer = leader.peers.find(voter.key());
    const auto end = peer == leader.peers.end() ? Offset(-1) : peer->second.end;
    ends.push_back(us ? synced_ : end);
  }
  std::ranges::sort(ends, std::greater<>());
  const auto common = ends[voters().majority() - 1];
  if (common > leader.epoch_start) commit(common, effects);
  // A leader that is no voter any more leads until that is committed.
  if (!is_voter() && voters_.latest_at() < committed_) step_down(now, effects);
}

std::optional<ErrorCode> Quorum::unready_for_change() const {
  const auto* leader = std::get_if<Leader>(&role_);
  if (!leader) return ErrorCode::not_leader_or_follower;
  if (!voters_.recorded()) return ErrorCode::unsupported_version;
  if (committed_ <= leader->epoch_start) return ErrorCode::request_timed_out;
  if (voters_.latest_at() >= committed_) return ErrorCode::request_timed_out;
  return std::nullopt;
}

std::expected<VoterSet, ErrorCode> Quorum::adding(Voter voter) const {
  if (auto error = unready_for_change()) return std::unexpected(*error);
  if (voter.id.value < 0) return std::unexpected(ErrorCode::invalid_request);
  if (voters().find(voter.id)) return std::unexpected(ErrorCode::duplicate_voter);
  return voters().with(std::move(voter));
}

std::expected<VoterSet, ErrorCode> Quorum::removing(const ReplicaKey& voter) const {
  if (auto error = unready_for_change()) return std::unexpected(*error);
  const auto* found = voters().find(voter.id);
  if (!found || found->key() != voter) return std::unexpected(ErrorCode::voter_not_found);
  if (voters().size() == 1) return std::unexpected(ErrorCode::invalid_request);
  return voters().without(voter.id);
}

std::expected<VoterSet, ErrorCode> Quorum::updating(Voter voter) const {
  if (auto error = unready_for_change()) return std::unexpected(*error);
  const auto* found = voters().find(voter.id);
  if (!found || found->key() != voter.key()) return std::unexpected(ErrorCode::voter_not_found);
  return voters().with(std::move(voter));
}

bool Quorum::caught_up(Instant now, const ReplicaKey& replica, Duration age) const {
  const auto* leader = std::get_if<Leader>(&role_);
  if (!leader) return false;
  const auto peer = leader->peers.find(known_as(replica));
  if (peer == leader->peers.end() || peer->second.caught_up_at == Instant::min()) return false;
  return now - peer->second.caught_up_at <= age;
}

}  // namespace trialog::quorum
