#include <algorithm>
#include <limits>

#include "core/base/check.h"
#include "core/quorum/quorum.h"

namespace trialog::quorum {
namespace {

/// There is none behind it, so nobody may begin it.
constexpr Epoch last_epoch_ever{std::numeric_limits<std::int32_t>::max()};

}  // namespace

/// Nobody would vote, or votes, for us: it may be that the leader is well and only we lost touch.
void Quorum::retreat(Instant now, Effects& effects) {
  if (ballot_.leader && *ballot_.leader != options_.self.id) {
    become(Follower{*ballot_.leader, some_election(now)}, effects);
  } else {
    become(Unattached{some_election(now)}, effects);
  }
}

void Quorum::become_prospective(Instant now, Effects& effects) {
  CHECK(is_voter());
  become(Prospective{{options_.self.id}, {}, some_election(now)}, effects);
  if (won(std::get<Prospective>(role_).granted)) return become_candidate(now, effects);
  ask_for_votes(true, effects);
}

void Quorum::become_candidate(Instant now, Effects& effects) {
  CHECK(is_voter());
  if (ballot_.epoch.next() >= last_epoch_ever) return retreat(now, effects);
  keep(Ballot(ballot_.epoch.next(), options_.self), effects);
  become(Candidate{{options_.self.id}, {}, some_election(now)}, effects);
  if (won(std::get<Candidate>(role_).granted)) {
    return become_leader(now, {options_.self.id}, effects);
  }
  ask_for_votes(false, effects);
}

void Quorum::ask_for_votes(bool pre_vote, Effects& effects) const {
  for (const auto& voter : voters().all()) {
    if (voter.id == options_.self.id) continue;
    const Vote vote(ballot_.epoch, options_.self, voter.key(), log_, pre_vote);
    effects.send.push_back({voter.key(), vote});
  }
}

bool Quorum::won(const std::set<NodeId>& granted) const {
  const auto votes = std::ranges::count_if(
      voters().all(), [&](const Voter& voter) { return granted.contains(voter.id); });
  return static_cast<std::size_t>(votes) >= voters().majority();
}

bool Quorum::lost(const std::set<NodeId>& refused) const {
  const auto votes = std::ranges::count_if(
      voters().all(), [&](const Voter& voter) { return refused.contains(voter.id); });
  return static_cast<std::size_t>(votes) > voters().size() - voters().majority();
}

bool Quorum::grants(Instant now, const Vote& vote) const {
  const bool up_to_date = vote.log >= log_ || options_.bugs.has(Bug::vote_for_shorter_log);
  if (!up_to_date || vote.epoch != ballot_.epoch) return false;
  const auto* follower = std::get_if<Follower>(&role_);
  if (vote.pre_vote) return !leads() && !(follower && now < follower->content_until);
  const bool waits = role_name() == RoleName::unattached || role_name() == RoleName::prospective;
  if (!waits || ballot_.leader) return false;
  return !ballot_.vote || *ballot_.vote == vote.candidate;
}

Effects Quorum::on(Instant now, NodeId, const Vote& vote) {
  Effects effects;
  VoteReply reply{.pre_vote = vote.pre_vote};
  // A pre-vote asks in the epoch there is, which may be that of the last record.
  const bool newer =
      vote.pre_vote ? vote.epoch >= vote.log.last_epoch : vote.epoch > vote.log.last_epoch;
  const bool sane = vote.epoch.value >= 0 && vote.epoch < last_epoch_ever && newer &&
                    vote.log.end.value >= 0 && vote.candidate.id.value >= 0 &&
                    vote.candidate.id != options_.self.id;
  if (!sane) {
    reply.error = ErrorCode::invalid_request;
  } else if (wrongly_addressed(vote.voter)) {
    reply.error = ErrorCode::invalid_voter_key;
  } else if (vote.epoch < ballot_.epoch) {
    reply.error = ErrorCode::fenced_leader_epoch;
  } else {
    hear(now, vote.epoch, std::nullopt, effects);
    reply.granted = grants(now, vote);
  }
  if (reply.granted && !vote.pre_vote) {
    auto ballot = ballot_;
    ballot.vote = vote.candidate;
    const auto before = effects.persist;
    keep(std::move(ballot), effects);
    if (options_.bugs.has(Bug::vote_not_persisted)) effects.persist = before;
    become(Unattached{some_election(now)}, effects);
  }
  reply.epoch = ballot_.epoch;
  reply.leader = ballot_.leader;
  effects.reply = reply;
  return effects;
}

Effects Quorum::on(Instant now, NodeId from, const VoteReply& reply) {
  Effects effects;
  hear(now, reply.epoch, reply.leader, effects);
  const bool answers = reply.epoch == ballot_.epoch;
  if (auto* asked = std::get_if<Prospective>(&role_); asked && answers && reply.pre_vote) {
    (reply.granted ? asked->granted : asked->refused).insert(from);
    if (won(asked->granted)) {
      become_candidate(now, effects);
    } else if (lost(asked->refused)) {
      retreat(now, effects);
    }
  }
  if (auto* asked = std::get_if<Candidate>(&role_); asked && answers && !reply.pre_vote) {
    (reply.granted ? asked->granted : asked->refused).insert(from);
    if (won(asked->granted)) {
      become_leader(now, asked->granted, effects);
    } else if (lost(asked->refused)) {
      // Candidates that stopped each other must not do so again at the same time.
      const auto most = static_cast<std::uint64_t>(options_.election_backoff_max.count());
      const auto wait = random_.below(most + 1);
      asked->give_up_at =
          std::min(asked->give_up_at, now + Duration(static_cast<std::int64_t>(wait)));
    }
  }
  return effects;
}

}  // namespace trialog::quorum
