#include "core/partition/replica.h"

#include <gtest/gtest.h>

namespace trialog::partition {
namespace {

/// One replica, node 1 of 1, 2, 3, told what happens to it.
class Story {
 public:
  explicit Story(Bugs bugs = {}) : replica(options(bugs), LogEnd{}, Offset(0)) {
    assignment.leader = NodeId(1);
    assignment.leader_epoch = Epoch(4);
    assignment.partition_epoch = 7;
    assignment.replicas = {NodeId(1), NodeId(2), NodeId(3)};
    assignment.isr = {NodeId(1), NodeId(2), NodeId(3)};
    assignment.min_isr = 2;
  }

  Effects learns() { return replica.on_assignment(now, assignment, log); }
  Effects is_elected(Epoch epoch) {
    assignment.leader = NodeId(1);
    assignment.leader_epoch = epoch;
    ++assignment.partition_epoch;
    return learns();
  }
  Effects appends(std::int64_t end) {
    log.end = log.kept = Offset(end);
    return replica.on_kept(now, log);
  }
  FollowerFetch fetch(int from, std::int64_t position) const {
    FollowerFetch result;
    result.from = NodeId(from);
    result.leader_epoch = assignment.leader_epoch;
    result.broker_epoch = result.registered_epoch = 100 + from;
    result.available = true;
    result.position = Offset(position);
    return result;
  }
  Effects fetches(int from, std::int64_t position) {
    return replica.on_follower_fetch(now, fetch(from, position), log);
  }
  Effects is_answered(const Proposal& asked, ErrorCode error) {
    IsrAnswer answer;
    answer.error = error;
    answer.leader_epoch = asked.leader_epoch;
    answer.partition_epoch = asked.partition_epoch + 1;
    for (const auto& [id, epoch] : asked.isr) answer.isr.insert(id);
    return replica.on_isr_answer(now, asked, answer, log);
  }
  std::int64_t watermark() const { return replica.high_watermark().value; }

  static Options options(Bugs bugs) {
    Options options;
    options.self = NodeId(1);
    options.max_lag = seconds(10);
    options.bugs = bugs;
    return options;
  }

  Instant now{};
  LogEnd log;
  Assignment assignment;
  Replica replica;
};

TEST(PartitionReplica, CommitsWhatAllInSyncHaveAndItselfHasKept) {
  Story leader;
  leader.learns();
  leader.log.end = Offset(10);
  leader.fetches(2, 10);
  leader.fetches(3, 8);
  EXPECT_EQ(leader.watermark(), 0);  // Appended, but not yet kept here.
  EXPECT_TRUE(leader.appends(10).moved);
  EXPECT_EQ(leader.watermark(), 8);
  leader.fetches(3, 10);
  EXPECT_EQ(leader.watermark(), 10);
}

TEST(PartitionReplica, CommitsNothingWhileFewerAreInSyncThanWanted) {
  Story leader;
  leader.assignment.isr = {NodeId(1)};
  leader.learns();
  leader.appends(10);
  leader.fetches(2, 5);
  EXPECT_EQ(leader.watermark(), 0);
  EXPECT_FALSE(leader.replica.isr_is_enough());
}

TEST(PartitionReplica, NotesItsEpochBeforeAnyRecord) {
  Story leader;
  EXPECT_EQ(leader.learns().begin_epoch, Epoch(4));
  EXPECT_EQ(leader.learns().begin_epoch, std::nullopt);
  EXPECT_EQ(leader.is_elected(Epoch(6)).begin_epoch, Epoch(6));
}

TEST(PartitionReplica, ForgetsItsPeersOnlyIfAnotherMayHaveLed) {
  Story leader;
  leader.learns();
  leader.log.end = Offset(5);
  leader.fetches(2, 5);
  leader.fetches(3, 5);
  leader.is_elected(Epoch(5));
  leader.appends(5);
  EXPECT_EQ(leader.watermark(), 5);
  leader.log.end = Offset(9);
  leader.fetches(2, 9);
  leader.fetches(3, 9);
  leader.is_elected(Epoch(7));  // Who led in epoch 6?
  leader.appends(9);
  EXPECT_EQ(leader.watermark(), 5);
}

TEST(PartitionReplica, DropsWhoLagsForTooLongAndCountsHimUntilThatIsCommitted) {
  Story leader;
  leader.learns();
  leader.appends(10);
  leader.fetches(2, 10);
  leader.fetches(3, 5);
  leader.now += seconds(5);
  EXPECT_FALSE(leader.replica.on_time(leader.now, leader.log).propose);
  leader.fetches(2, 10);
  leader.now += seconds(6);
  const auto asked = leader.replica.on_time(leader.now, leader.log).propose;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->isr, (std::map<NodeId, std::int64_t>{{NodeId(1), -1}, {NodeId(2), 102}}));
  EXPECT_EQ(leader.watermark(), 5);
  leader.is_answered(*asked, ErrorCode::none);
  EXPECT_EQ(leader.watermark(), 10);
}

TEST(PartitionReplica, KeepsInSyncWhoHadEverythingAtHisLastFetch) {
  Story leader;
  leader.learns();
  for (int i = 1; i < 30; ++i) {
    leader.now += seconds(1);
    leader.fetches(2, 10 * (i - 1));  // Always behind, never by more than one fetch.
    leader.fetches(3, 10 * (i - 1));
    leader.appends(10 * i);
    EXPECT_FALSE(leader.replica.on_time(leader.now, leader.log).propose) << i;
  }
}

TEST(PartitionReplica, LetsNobodyJoinWhoIsShortOfTheEpochsStart) {
  Story leader;
  leader.log = {Offset(10), Offset(10)};
  leader.assignment.isr = {NodeId(1), NodeId(2)};
  leader.learns();
  EXPECT_FALSE(leader.fetches(3, 5).propose);
  const auto asked = leader.fetches(3, 10).propose;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->isr.size(), 3u);
  EXPECT_FALSE(leader.fetches(3, 10).propose);  // One at a time.
}

TEST(PartitionReplica, LetsNobodyJoinUnderAnotherBrokerEpochOrFenced) {
  Story leader;
  leader.assignment.isr = {NodeId(1), NodeId(2)};
  leader.learns();
  auto fetch = leader.fetch(3, 0);
  fetch.broker_epoch = 104;
  EXPECT_FALSE(leader.replica.on_follower_fetch(leader.now, fetch, leader.log).propose);
  fetch.broker_epoch = 103;
  fetch.available = false;
  EXPECT_FALSE(leader.replica.on_follower_fetch(leader.now, fetch, leader.log).propose);
  fetch.available = true;
  EXPECT_TRUE(leader.replica.on_follower_fetch(leader.now, fetch, leader.log).propose);
}

TEST(PartitionReplica, AdmitsOnlyMembersOfItsEpochWithTheirLatestBrokerEpoch) {
  Story leader;
  leader.learns();
  const auto admit = [&](const FollowerFetch& fetch) {
    return leader.replica.admit(leader.now, fetch, leader.log);
  };
  auto fetch = leader.fetch(2, 0);
  EXPECT_EQ(admit(fetch), ErrorCode::none);
  fetch.leader_epoch = Epoch(3);
  EXPECT_EQ(admit(fetch), ErrorCode::fenced_leader_epoch);
  fetch.leader_epoch = Epoch(5);
  EXPECT_EQ(admit(fetch), ErrorCode::unknown_leader_epoch);
  fetch = leader.fetch(2, 0);
  fetch.broker_epoch = 99;
  EXPECT_EQ(admit(fetch), ErrorCode::not_leader_or_follower);
  fetch = leader.fetch(9, 0);
  EXPECT_EQ(admit(fetch), ErrorCode::unknown_leader_epoch);
  fetch.leader_epoch = no_epoch;
  EXPECT_EQ(admit(fetch), ErrorCode::not_leader_or_follower);
}

TEST(PartitionReplica, TreatsEachAnswerToAProposalAsItDeserves) {
  Story leader;
  leader.assignment.isr = {NodeId(1), NodeId(2)};
  leader.learns();
  auto asked = leader.fetches(3, 0).propose;
  ASSERT_TRUE(asked);
  EXPECT_EQ(leader.is_answered(*asked, ErrorCode::unknown_server_error).propose, asked);
  EXPECT_FALSE(leader.is_answered(*asked, ErrorCode::ineligible_replica).propose);
  EXPECT_TRUE(leader.fetches(3, 0).propose);  // Back to what is committed, so asked anew.
  EXPECT_FALSE(leader.is_answered(*asked, ErrorCode::invalid_update_version).propose);
  EXPECT_FALSE(leader.fetches(3, 0).propose);  // The metadata will tell.
  ++leader.assignment.partition_epoch;
  leader.learns();
  EXPECT_TRUE(leader.fetches(3, 0).propose);
}

TEST(PartitionReplica, ConfirmsThatItRecoveredFromAnUncleanElection) {
  Story leader;
  leader.assignment.isr = {NodeId(1)};
  leader.assignment.recovering = true;
  const auto asked = leader.learns().propose;
  ASSERT_TRUE(asked);
  EXPECT_FALSE(asked->recovering);
  EXPECT_EQ(asked->isr.size(), 1u);
}

class Follower : public Story {
 public:
  explicit Follower(Bugs bugs = {}) : Story(bugs) {
    log = {Offset(10), Offset(8)};
    assignment.leader = NodeId(2);
    learns();
  }
};

TEST(PartitionReplica, FollowsTheLeadersWatermarkAsFarAsItsLogIsKept) {
  Follower follower;
  follower.replica.on_leader_answer(Epoch(4), Offset(9), follower.log);
  EXPECT_EQ(follower.watermark(), 8);
  follower.log.kept = Offset(10);
  follower.replica.on_kept(follower.now, follower.log);
  EXPECT_EQ(follower.watermark(), 9);
  follower.replica.on_leader_answer(Epoch(4), Offset(3), follower.log);
  EXPECT_EQ(follower.watermark(), 9);
  follower.replica.on_leader_answer(Epoch(3), Offset(10), follower.log);
  EXPECT_EQ(follower.watermark(), 9);
}

TEST(PartitionReplica, CutsWhereTheEpochsPartAndTakesNothingElseFromThatAnswer) {
  Follower follower;
  const auto diverging = [&](EpochEnd theirs, EpochEnd ours) {
    return follower.replica.on_diverging(Epoch(4), Offset(9), theirs, ours, follower.log)
        .truncate_to;
  };
  EXPECT_EQ(diverging({Epoch(3), Offset(7)}, {Epoch(3), Offset(9)}), Offset(7));
  EXPECT_EQ(diverging({Epoch(3), Offset(9)}, {Epoch(3), Offset(7)}), Offset(7));
  EXPECT_EQ(diverging({Epoch(3), Offset(2)}, {Epoch(2), Offset(6)}), Offset(6));
  EXPECT_EQ(diverging({Epoch(3), Offset(20)}, {}), Offset(10));
  EXPECT_EQ(follower.watermark(), 0);
}

TEST(PartitionReplica, BeginsAnewWhereTheLeadersLogBeginsOrCutsToAShorterOne) {
  Follower follower;
  auto effects = follower.replica.on_out_of_range(Epoch(4), Offset(20), Offset(30), follower.log);
  EXPECT_EQ(effects.start_at, Offset(20));
  effects = follower.replica.on_out_of_range(Epoch(4), Offset(0), Offset(6), follower.log);
  EXPECT_EQ(effects.truncate_to, Offset(6));
  effects = follower.replica.on_out_of_range(Epoch(4), Offset(5), Offset(30), follower.log);
  EXPECT_FALSE(effects.truncate_to || effects.start_at);
}

TEST(PartitionReplica, IgnoresWhatIsOlderThanWhatItKnows) {
  Follower follower;
  follower.assignment.leader = NodeId(1);
  follower.assignment.leader_epoch = Epoch(3);
  EXPECT_FALSE(follower.learns().moved);
  EXPECT_TRUE(follower.replica.follows(Epoch(4)));
}

TEST(PartitionReplica, GoesOnlyWhereItsTableLeads) {
  Story replica;
  const auto at = [&](NodeId leader) {
    replica.assignment.leader = leader;
    replica.assignment.leader_epoch = replica.assignment.leader_epoch.next();
    ++replica.assignment.partition_epoch;
    replica.learns();
    return replica.replica.role_name();
  };
  for (const auto& arrow : transitions) {
    for (const auto role : {arrow.from, arrow.to}) {
      EXPECT_EQ(at(role == RoleName::leading     ? NodeId(1)
                   : role == RoleName::following ? NodeId(2)
                                                 : NodeId(-1)),
                role)
          << arrow.why;
    }
  }
}

}  // namespace
}  // namespace trialog::partition
