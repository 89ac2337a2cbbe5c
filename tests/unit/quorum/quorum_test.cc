#include "core/quorum/quorum.h"

#include <gtest/gtest.h>

#include <limits>

namespace trialog::quorum::test {
namespace {

Uuid directory(int id) {
  Uuid uuid;
  uuid.bytes[15] = std::byte(id);
  return uuid;
}
ReplicaKey key(int id) { return {NodeId(id), directory(id)}; }
Voter voter(int id) { return {NodeId(id), directory(id), {}, 0, 1}; }

/// Node 1 of a few voters, by itself: the test is all the others.
class Story {
 public:
  explicit Story(int voters) {
    std::vector<Voter> all;
    for (int id = 1; id <= voters; ++id) all.push_back(voter(id));
    history_.reset(Offset(0), *VoterSet::of(all));
    starts();
  }

  void starts(Bugs bugs = {}) {
    Options options{.self = key(1), .bugs = bugs};
    machine_.emplace(options, Recovered(disk_, log_, history_, Offset(0)), Random(7), now_);
  }
  /// What was persisted stays, and so does the log.
  void crashes() { starts(); }
  Effects does(Effects effects) {
    if (effects.persist) disk_ = *effects.persist;
    if (effects.role_changed && machine_->leads()) appends(machine_->epoch());
    return effects;
  }
  Effects waits() {
    now_ = std::max(now_, machine_->deadline());
    return does(machine_->on_time(now_));
  }
  Effects passes(Duration duration) {
    now_ += duration;
    return does(machine_->on_time(now_));
  }
  Effects hears(int from, const Message& message) {
    return does(machine_->on_message(now_, NodeId(from), message));
  }
  VoteReply asked_by(int id, Epoch epoch, LogEnd log = {}, bool pre_vote = false) {
    const auto effects = hears(id, Vote(epoch, key(id), key(1), log, pre_vote));
    return std::get<VoteReply>(*effects.reply);
  }
  Effects granted_by(int id, bool pre_vote) {
    return hears(id, VoteReply{.epoch = machine_->epoch(), .granted = true, .pre_vote = pre_vote});
  }
  /// Wins an election with the vote of 2.
  void leads() {
    waits();
    granted_by(2, true);
    granted_by(2, false);
    ASSERT_TRUE(machine_->leads());
  }
  void follows(int leader, Epoch epoch) {
    hears(leader, BeginEpoch(epoch, NodeId(leader), key(1)));
    ASSERT_EQ(machine_->role_name(), RoleName::follower);
  }
  void appends(Epoch epoch) {
    log_ = {epoch, log_.end + 1};
    machine_->on_appended(log_);
  }
  Effects appends_and_syncs() {
    appends(machine_->epoch());
    return does(machine_->on_synced(now_, log_.end));
  }
  Effects changes_voters(VoterSet voters) {
    appends(machine_->epoch());
    machine_->on_voters(now_, Offset(log_.end.value - 1), std::move(voters));
    return does(machine_->on_synced(now_, log_.end));
  }
  Effects fetched_by(int id, Offset position) {
    return does(machine_->on_fetch(now_, key(id), position));
  }
  Effects fetched_by(int id) { return fetched_by(id, log_.end); }

  Quorum& machine() { return *machine_; }
  const Ballot& disk() const { return disk_; }
  Offset log_end() const { return log_.end; }
  Instant now() const { return now_; }

 private:
  Instant now_;
  Ballot disk_;
  LogEnd log_;
  VoterHistory history_{VoterSet()};
  std::optional<Quorum> machine_;
};

TEST(Quorum, VotesOncePerEpochAlsoAfterACrash) {
  Story node(3);
  EXPECT_TRUE(node.asked_by(2, Epoch(5)).granted);
  node.crashes();
  EXPECT_FALSE(node.asked_by(3, Epoch(5)).granted);
  EXPECT_TRUE(node.asked_by(2, Epoch(5)).granted);  // The same candidate may ask again.
  EXPECT_TRUE(node.asked_by(3, Epoch(6)).granted);
}

TEST(Quorum, KnowsACandidateByItsDirectoryToo) {
  Story node(3);
  EXPECT_TRUE(node.asked_by(2, Epoch(5)).granted);
  const Vote other(Epoch(5), {NodeId(2), directory(99)}, key(1), LogEnd(), false);
  EXPECT_FALSE(std::get<VoteReply>(*node.hears(2, other).reply).granted);
}

TEST(Quorum, PersistsAVoteBeforeItIsGiven) {
  Story node(3);
  const auto effects = node.hears(2, Vote(Epoch(5), key(2), key(1), LogEnd(), false));
  ASSERT_TRUE(effects.persist.has_value());
  EXPECT_EQ(effects.persist->vote, key(2));
  EXPECT_EQ(effects.persist->epoch, Epoch(5));
}

TEST(Quorum, VotesForNoLogThatIsBehind) {
  Story node(3);
  node.leads();
  node.appends_and_syncs();
  node.crashes();
  EXPECT_FALSE(node.asked_by(2, Epoch(5), {Epoch(1), Offset(1)}).granted);
  EXPECT_FALSE(node.asked_by(2, Epoch(6), {Epoch(0), Offset(9)}).granted);
  EXPECT_TRUE(node.asked_by(2, Epoch(7), {Epoch(1), Offset(2)}).granted);
}

TEST(Quorum, RefusesPreVotesWhileItsLeaderAnswers) {
  Story node(3);
  node.follows(2, Epoch(4));
  EXPECT_TRUE(node.asked_by(3, Epoch(4), {}, true).granted);  // It has not fetched yet.
  node.does(node.machine().on_fetched(node.now(), Epoch(4), Offset(0)));
  EXPECT_FALSE(node.asked_by(3, Epoch(4), {}, true).granted);
  EXPECT_FALSE(node.asked_by(3, Epoch(4)).granted);  // There is a leader in this epoch.
  EXPECT_EQ(node.disk().epoch, Epoch(4));
}

TEST(Quorum, BeginsNoEpochThatNobodyWouldVoteIn) {
  Story node(3);
  node.follows(2, Epoch(4));
  const auto asked = node.waits();
  EXPECT_EQ(node.machine().role_name(), RoleName::prospective);
  EXPECT_EQ(asked.send.size(), 2u);
  EXPECT_FALSE(asked.persist.has_value());
  for (int id = 2; id <= 3; ++id) node.hears(id, VoteReply{.epoch = Epoch(4), .pre_vote = true});
  EXPECT_EQ(node.machine().role_name(), RoleName::follower);
  EXPECT_EQ(node.machine().epoch(), Epoch(4));
}

TEST(Quorum, BecomesLeaderByAMajority) {
  Story node(5);
  node.waits();
  node.granted_by(2, true);
  EXPECT_EQ(node.machine().role_name(), RoleName::prospective);
  node.granted_by(3, true);
  EXPECT_EQ(node.machine().role_name(), RoleName::candidate);
  EXPECT_EQ(node.disk().vote, key(1));
  node.granted_by(4, false);
  node.granted_by(4, false);
  EXPECT_EQ(node.machine().role_name(), RoleName::candidate);
  const auto won = node.granted_by(5, false);
  EXPECT_TRUE(node.machine().leads());
  EXPECT_EQ(won.persist->leader, NodeId(1));
  EXPECT_EQ(won.send.size(), 4u);
}

TEST(Quorum, CountsNoVoteOfSomebodyElse) {
  Story node(3);
  node.waits();
  node.granted_by(9, true);
  EXPECT_EQ(node.machine().role_name(), RoleName::prospective);
}

TEST(Quorum, ASingleVoterLeadsAtOnce) {
  Story node(1);
  node.passes(Duration(0));
  EXPECT_TRUE(node.machine().leads());
  EXPECT_EQ(node.machine().epoch(), Epoch(1));
  EXPECT_EQ(node.machine().committed(), Offset(0));
  node.does(node.machine().on_synced(node.now(), node.log_end()));
  EXPECT_EQ(node.machine().committed(), Offset(1));
  EXPECT_EQ(node.machine().deadline(), never);
}

TEST(Quorum, ALeaderDoesNotGoOnInItsEpoch) {
  Story node(3);
  node.leads();
  const auto epoch = node.machine().epoch();
  node.crashes();
  EXPECT_EQ(node.machine().role_name(), RoleName::resigned);
  EXPECT_FALSE(node.asked_by(2, epoch, {Epoch(9), Offset(9)}).granted);
  node.leads();
  EXPECT_GT(node.machine().epoch(), epoch);
}

TEST(Quorum, CommitsWhatAMajorityHasOnceItHoldsItsOwnEpoch) {
  Story node(3);
  node.leads();
  node.does(node.machine().on_synced(node.now(), node.log_end()));
  EXPECT_EQ(node.fetched_by(2, Offset(0)).committed, std::nullopt);
  EXPECT_EQ(node.fetched_by(2, Offset(1)).committed, Offset(1));
  node.appends_and_syncs();
  EXPECT_EQ(node.fetched_by(9).committed, std::nullopt);  // An observer does not count.
  EXPECT_EQ(node.fetched_by(3).committed, Offset(2));
}

TEST(Quorum, CountsItselfOnlyAfterTheSync) {
  Story node(3);
  node.leads();
  EXPECT_EQ(node.fetched_by(2).committed, std::nullopt);
  const auto synced = node.does(node.machine().on_synced(node.now(), node.log_end()));
  EXPECT_EQ(synced.committed, Offset(1));
}

TEST(Quorum, ResignsWhenItHearsOfNoMajority) {
  Story node(3);
  node.leads();
  node.passes(seconds(1));
  node.fetched_by(2);
  node.passes(milliseconds(2900));
  EXPECT_TRUE(node.machine().leads());
  const auto gone = node.passes(milliseconds(100));
  EXPECT_EQ(node.machine().role_name(), RoleName::resigned);
  const auto& end = std::get<EndEpoch>(gone.send.at(0).message);
  EXPECT_EQ(end.successors, std::vector<ReplicaKey>({key(2), key(3)}));
}

TEST(Quorum, TellsAgainThoseWhoDoNotFetch) {
  Story node(3);
  node.leads();
  node.fetched_by(2);
  node.passes(milliseconds(900));
  node.fetched_by(2);
  const auto told = node.passes(milliseconds(100));
  ASSERT_EQ(told.send.size(), 1u);
  EXPECT_EQ(told.send[0].to, key(3));
}

TEST(Quorum, TheBestSuccessorBeginsAtOnce) {
  Story node(3);
  node.follows(2, Epoch(4));
  node.does(node.machine().on_fetched(node.now(), Epoch(4), Offset(0)));
  node.hears(2, EndEpoch(Epoch(4), NodeId(2), {key(1), key(3)}));
  EXPECT_EQ(node.machine().deadline(), node.now());
  EXPECT_TRUE(node.asked_by(3, Epoch(4), {}, true).granted);

  Story second(3);
  second.follows(2, Epoch(4));
  second.hears(2, EndEpoch(Epoch(4), NodeId(2), {key(3), key(1)}));
  EXPECT_EQ(second.machine().deadline(), second.now() + milliseconds(500));
}

TEST(Quorum, AddsOneVoterAtATime) {
  Story node(3);
  node.leads();
  EXPECT_EQ(node.machine().adding(voter(4)).error(), ErrorCode::request_timed_out);
  node.does(node.machine().on_synced(node.now(), node.log_end()));
  node.fetched_by(2);
  EXPECT_EQ(node.machine().adding(voter(3)).error(), ErrorCode::duplicate_voter);
  const auto four = node.machine().adding(voter(4));
  ASSERT_TRUE(four.has_value());
  node.changes_voters(*four);
  EXPECT_EQ(node.machine().voters().size(), 4u);  // In force before it is committed.
  EXPECT_EQ(node.machine().adding(voter(5)).error(), ErrorCode::request_timed_out);
  node.fetched_by(2);
  EXPECT_EQ(node.machine().adding(voter(5)).error(), ErrorCode::request_timed_out);
  node.fetched_by(4);
  EXPECT_TRUE(node.machine().adding(voter(5)).has_value());
}

TEST(Quorum, TakesAVoterBackThatWasTruncated) {
  Story node(3);
  node.follows(2, Epoch(4));
  node.appends(Epoch(4));
  auto voters = node.machine().voters().with(voter(4));
  node.machine().on_voters(node.now(), Offset(0), voters);
  EXPECT_EQ(node.machine().voters().size(), 4u);
  node.machine().on_truncated(node.now(), LogEnd());
  EXPECT_EQ(node.machine().voters().size(), 3u);
}

TEST(Quorum, ALeaderThatRemovesItselfLeadsUntilThatIsCommitted) {
  Story node(3);
  node.leads();
  node.does(node.machine().on_synced(node.now(), node.log_end()));
  node.fetched_by(2);
  EXPECT_EQ(node.machine().removing({NodeId(1), directory(9)}).error(), ErrorCode::voter_not_found);
  node.changes_voters(*node.machine().removing(key(1)));
  EXPECT_TRUE(node.machine().leads());
  EXPECT_EQ(node.fetched_by(2).committed, std::nullopt);  // We do not count any more.
  EXPECT_EQ(node.fetched_by(3).committed, node.log_end());
  EXPECT_EQ(node.machine().role_name(), RoleName::resigned);
  EXPECT_EQ(node.machine().deadline(), never);
}

TEST(Quorum, AnObserverNeverStandsForElection) {
  Story node(3);
  node.follows(2, Epoch(4));
  node.appends(Epoch(4));
  node.machine().on_voters(node.now(), Offset(0), node.machine().voters().without(NodeId(1)));
  EXPECT_EQ(node.machine().deadline(), never);
  node.appends(Epoch(4));
  node.machine().on_voters(node.now(), Offset(1), node.machine().voters().with(voter(1)));
  EXPECT_LT(node.machine().deadline(), never);
}

TEST(Quorum, RefusesWhatCannotBe) {
  Story node(3);
  const Epoch last(std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(node.asked_by(2, last).error, ErrorCode::invalid_request);
  EXPECT_EQ(node.asked_by(2, Epoch(-1)).error, ErrorCode::invalid_request);
  EXPECT_EQ(node.asked_by(1, Epoch(3)).error, ErrorCode::invalid_request);
  EXPECT_EQ(node.asked_by(2, Epoch(3), {Epoch(3), Offset(9)}).error, ErrorCode::invalid_request);
  EXPECT_EQ(node.asked_by(2, Epoch(3), {Epoch(1), Offset(-9)}).error, ErrorCode::invalid_request);
  const Vote strange(Epoch(3), key(2), {NodeId(1), directory(9)}, LogEnd(), false);
  EXPECT_EQ(std::get<VoteReply>(*node.hears(2, strange).reply).error, ErrorCode::invalid_voter_key);
  const auto us = node.hears(2, BeginEpoch(Epoch(3), NodeId(1), key(1)));
  EXPECT_EQ(std::get<EpochReply>(*us.reply).error, ErrorCode::invalid_request);
  EXPECT_EQ(node.machine().epoch(), Epoch(0));

  node.follows(2, Epoch(4));
  const auto second = node.hears(3, BeginEpoch(Epoch(4), NodeId(3), key(1)));
  EXPECT_EQ(std::get<EpochReply>(*second.reply).error, ErrorCode::invalid_request);
  const auto old = node.hears(3, BeginEpoch(Epoch(3), NodeId(3), key(1)));
  EXPECT_EQ(std::get<EpochReply>(*old.reply).error, ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(node.machine().leader(), NodeId(2));
}

TEST(Quorum, BeginsAnewAtASnapshot) {
  Story node(3);
  node.follows(2, Epoch(4));
  auto voters = *VoterSet::of({voter(2), voter(3), voter(4)});
  const auto effects = node.machine().on_snapshot(node.now(), {Epoch(3), Offset(50)}, voters);
  EXPECT_EQ(effects.committed, Offset(50));
  EXPECT_FALSE(node.machine().is_voter());
  EXPECT_EQ(node.machine().log(), LogEnd(Epoch(3), Offset(50)));
}

TEST(VoterSet, RefusesTheSameIdTwice) {
  EXPECT_FALSE(VoterSet::of({voter(1), voter(1)}).has_value());
  EXPECT_FALSE(VoterSet::of({voter(-1)}).has_value());
}

TEST(VoterSet, KnowsAVoterWithoutADirectoryByItsId) {
  const auto voters = *VoterSet::of({{NodeId(1), Uuid(), {}, 0, 0}});
  EXPECT_TRUE(voters.has(key(1)));
  EXPECT_FALSE(voters.has(key(2)));
  EXPECT_FALSE(VoterSet::of({voter(1)})->has({NodeId(1), Uuid()}));
}

TEST(Transitions, LeadOnlyOutOfAnElection) {
  int ways = 0;
  for (const auto& each : transitions) ways += each.to == RoleName::leader ? 1 : 0;
  EXPECT_EQ(ways, 1);
  EXPECT_TRUE(allows(transitions, RoleName::candidate, RoleName::leader));
  EXPECT_FALSE(allows(transitions, RoleName::follower, RoleName::candidate));
}

}  // namespace
}  // namespace trialog::quorum::test
