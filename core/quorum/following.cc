#include <algorithm>
#include <limits>

#include "core/base/check.h"
#include "core/quorum/quorum.h"

namespace trialog::quorum {

bool Quorum::wrongly_addressed(const ReplicaKey& to) const {
  if (to.id.value < 0) return false;  // Old versions do not say.
  const bool other_directory = !to.directory.is_zero() && to.directory != options_.self.directory;
  return to.id != options_.self.id || other_directory;
}

/// What anybody tells of epochs and leaders. Two leaders of one epoch cannot be; the one that we
/// knew first stands.
void Quorum::hear(Instant now, Epoch epoch, std::optional<NodeId> leader, Effects& effects) {
  if (epoch < ballot_.epoch || epoch.value == std::numeric_limits<std::int32_t>::max()) return;
  if (leader == options_.self.id) leader.reset();
  if (epoch > ballot_.epoch) {
    return leader ? follow(now, epoch, *leader, effects) : detach(now, epoch, effects);
  }
  if (!leader || ballot_.leader) return;
  follow(now, epoch, *leader, effects);
}

void Quorum::follow(Instant now, Epoch epoch, NodeId leader, Effects& effects) {
  CHECK(leader != options_.self.id);
  auto ballot = epoch == ballot_.epoch ? ballot_ : Ballot(epoch);
  ballot.leader = leader;
  keep(std::move(ballot), effects);
  become(Follower{leader, is_voter() ? now + options_.fetch_timeout : never}, effects);
}

/// An election that was due stays due: a candidate with a short log must not keep others from
/// theirs by asking again and again.
void Quorum::detach(Instant now, Epoch epoch, Effects& effects) {
  CHECK(epoch > ballot_.epoch);
  const auto* waiting = std::get_if<Unattached>(&role_);
  const auto at = waiting ? waiting->election_at : some_election(now);
  keep(Ballot(epoch), effects);
  become(Unattached{at}, effects);
}

/// Whether we vote may have changed, and with it whether we wait for anything.
void Quorum::rearm(Instant now) {
  if (auto* follower = std::get_if<Follower>(&role_)) {
    if (!is_voter()) follower->fetch_by = never;
    if (follower->fetch_by == never && is_voter()) {
      follower->fetch_by = now + options_.fetch_timeout;
    }
  }
  if (auto* leader = std::get_if<Leader>(&role_)) {
    leader->begin_at = now;
    for (const auto& voter : voters().all()) {
      if (voter.id == options_.self.id || leader->peers.contains(voter.key())) continue;
      leader->peers[voter.key()].fetched_at = now;
    }
  }
  if (auto* unattached = std::get_if<Unattached>(&role_))
    unattached->election_at = some_election(now);
  if (auto* resigned = std::get_if<Resigned>(&role_)) resigned->election_at = some_election(now);
}

Effects Quorum::on(Instant now, NodeId, const BeginEpoch& begin) {
  Effects effects;
  EpochReply reply;
  const bool known = begin.epoch == ballot_.epoch && ballot_.leader;
  if (begin.leader.value < 0 || begin.epoch.value < 0 || begin.leader == options_.self.id ||
      (known && *ballot_.leader != begin.leader)) {
    reply.error = ErrorCode::invalid_request;
  } else if (wrongly_addressed(begin.voter)) {
    reply.error = ErrorCode::invalid_voter_key;
  } else if (begin.epoch < ballot_.epoch) {
    reply.error = ErrorCode::fenced_leader_epoch;
  } else {
    hear(now, begin.epoch, begin.leader, effects);
    // Its word is as good as an answer to a fetch.
    if (role_name() == RoleName::prospective) retreat(now, effects);
  }
  reply.epoch = ballot_.epoch;
  reply.leader = ballot_.leader;
  effects.reply = reply;
  return effects;
}

/// The best successor begins at once, the others one after the other, should it fail.
Effects Quorum::on(Instant now, NodeId, const EndEpoch& end) {
  Effects effects;
  EpochReply reply;
  const bool known = end.epoch == ballot_.epoch && ballot_.leader;
  if (end.leader.value < 0 || end.epoch.value < 0 || end.leader == options_.self.id ||
      (known && *ballot_.leader != end.leader)) {
    reply.error = ErrorCode::invalid_request;
  } else if (end.epoch < ballot_.epoch) {
    reply.error = ErrorCode::fenced_leader_epoch;
  } else {
    hear(now, end.epoch, end.leader, effects);
    auto* follower = std::get_if<Follower>(&role_);
    if (follower && is_voter()) {
      follower->content_until = now;
      const auto place = std::ranges::find(end.successors, options_.self.id, &ReplicaKey::id);
      if (place == end.successors.end()) {
        follower->fetch_by = std::min(follower->fetch_by, some_election(now));
      } else {
        const auto step =
            options_.election_backoff_max /
            static_cast<std::int64_t>(std::max<std::size_t>(end.successors.size(), 1));
        follower->fetch_by = now + step * (place - end.successors.begin());
      }
    }
  }
  reply.epoch = ballot_.epoch;
  reply.leader = ballot_.leader;
  effects.reply = reply;
  return effects;
}

Effects Quorum::on(Instant now, NodeId, const EpochReply& reply) {
  Effects effects;
  hear(now, reply.epoch, reply.leader, effects);
  return effects;
}

Effects Quorum::on_leader_named(Instant now, Epoch epoch, std::optional<NodeId> leader) {
  Effects effects;
  hear(now, epoch, leader, effects);
  return effects;
}

Effects Quorum::on_fetched(Instant now, Epoch epoch, Offset high_watermark) {
  Effects effects;
  if (epoch != ballot_.epoch || !ballot_.leader || *ballot_.leader == options_.self.id) {
    return effects;
  }
  if (role_name() == RoleName::prospective) retreat(now, effects);
  if (auto* follower = std::get_if<Follower>(&role_)) {
    follower->content_until = now + options_.fetch_timeout;
    follower->fetch_by = is_voter() ? follower->content_until : never;
  }
  leaders_watermark_ = std::max(leaders_watermark_, high_watermark);
  commit(std::min(leaders_watermark_, synced_), effects);
  return effects;
}

}  // namespace trialog::quorum
