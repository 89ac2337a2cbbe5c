#include <gtest/gtest.h>

#include "tests/unit/replication/quorum_story.h"

namespace trialog::replication::test {
namespace {

using Voters = QuorumStory::Voters;

TEST(QuorumVoters, AreThoseThatTheFormattedLogNames) {
  QuorumStory story(1, 3, Voters::recorded);
  const auto leader = story.leader();
  ASSERT_NE(leader, 0);
  story.does_some_work(3);
  for (int id = 1; id <= 3; ++id) {
    EXPECT_EQ(story.committed(id).size(), 3u);
    EXPECT_EQ(story.quorum(id).voters().size(), 3u);
  }
}

TEST(QuorumVoters, GrowByOneThatHasCaughtUp) {
  QuorumStory story(2, 1, Voters::recorded);
  ASSERT_EQ(story.leader(), 1);
  story.does_some_work(3);
  story.joins(2);
  story.joins(3);
  EXPECT_EQ(story.adds_voter(2), "NONE");
  EXPECT_EQ(story.adds_voter(3), "NONE");
  EXPECT_EQ(story.adds_voter(3), "DUPLICATE_VOTER");
  story.does_some_work(1);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(story.quorum(id).voters().size(), 3u);
  story.crashes(story.leader());
  ASSERT_NE(story.leader(), 0);
  story.does_some_work(1);
}

TEST(QuorumVoters, TakeNobodyWhoCannotBeReached) {
  QuorumStory story(3, 1, Voters::recorded);
  ASSERT_EQ(story.leader(), 1);
  story.joins(2);
  story.passes(seconds(2));
  story.crashes(2);
  EXPECT_EQ(story.adds_voter(2, seconds(3)), "REQUEST_TIMED_OUT");
  EXPECT_EQ(story.quorum(1).voters().size(), 1u);
}

TEST(QuorumVoters, ShrinkByOne) {
  QuorumStory story(4, 3, Voters::recorded);
  const auto leader = story.leader();
  const auto other = leader == 1 ? 2 : 1;
  EXPECT_EQ(story.removes_voter(other), "NONE");
  story.does_some_work(1);
  EXPECT_EQ(story.quorum(other).voters().size(), 2u);
  EXPECT_EQ(story.removes_voter(other), "VOTER_NOT_FOUND");
  story.crashes(other);
  story.does_some_work(1);
}

TEST(QuorumVoters, LoseALeaderThatRemovesItself) {
  QuorumStory story(5, 3, Voters::recorded);
  const auto first = story.leader();
  EXPECT_EQ(story.removes_voter(first), "NONE");
  ASSERT_TRUE(story.waits_while([&] { return story.quorum(first).leads(); }));
  const auto second = story.leader();
  ASSERT_NE(second, 0);
  EXPECT_NE(second, first);
  story.does_some_work(2);
  EXPECT_EQ(story.committed(first).size(), 2u);  // It goes on as an observer.
  EXPECT_EQ(story.quorum(second).voters().size(), 2u);
}

TEST(QuorumVoters, DoNotRemoveTheLastOne) {
  QuorumStory story(6, 1, Voters::recorded);
  ASSERT_EQ(story.leader(), 1);
  EXPECT_EQ(story.removes_voter(1), "INVALID_REQUEST");
}

TEST(QuorumVoters, StayAsTheyAreListed) {
  QuorumStory story(7, 3, Voters::listed);
  ASSERT_NE(story.leader(), 0);
  EXPECT_EQ(story.removes_voter(3), "UNSUPPORTED_VERSION");
}

TEST(QuorumVoters, AreRememberedAfterARestart) {
  QuorumStory story(8, 1, Voters::recorded);
  ASSERT_EQ(story.leader(), 1);
  story.joins(2);
  story.joins(3);
  EXPECT_EQ(story.adds_voter(2), "NONE");
  EXPECT_EQ(story.adds_voter(3), "NONE");
  story.does_some_work(1);
  for (int id = 1; id <= 3; ++id) story.restarts(id);
  ASSERT_NE(story.leader(), 0);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(story.quorum(id).voters().size(), 3u);
}

TEST(QuorumVoters, AVoterThatMovedTellsTheLeader) {
  QuorumStory story(9, 3, Voters::recorded);
  const auto leader = story.leader();
  const auto moved = leader == 1 ? 2 : 1;
  story.options(moved).endpoints = {{"CONTROLLER", "node" + std::to_string(moved), 9093},
                                    {"SECOND", "elsewhere", 9094}};
  story.restarts(moved);
  EXPECT_TRUE(story.waits_while(
      [&] { return story.quorum(leader).voters().find(NodeId(moved))->endpoints.size() != 2; }));
}

TEST(QuorumVoters, AreDescribed) {
  QuorumStory story(10, 3, Voters::recorded);
  story.joins(4, false);
  story.options(4).bootstrap = {Endpoint("node1", 9093), Endpoint("node2", 9093)};
  story.does_some_work(2);
  ASSERT_TRUE(story.waits_while([&] { return !story.ready(4); }));
  const auto end = story.does_some_work(1);
  story.passes(seconds(1));
  const auto leader = story.leader();
  protocol::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto all = story.run(leader, story.quorum(leader).describe_quorum(request));
  const auto& partition = all.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.error_code, ErrorCode::none);
  EXPECT_EQ(partition.leader_id, leader);
  EXPECT_EQ(partition.high_watermark, end.value);
  ASSERT_EQ(partition.current_voters.size(), 3u);
  ASSERT_EQ(partition.observers.size(), 1u);
  EXPECT_EQ(partition.observers[0].replica_id, 4);
  for (const auto& state : partition.current_voters) {
    EXPECT_EQ(state.log_end_offset, end.value);
    EXPECT_GT(state.last_caught_up_timestamp, 0);
  }
  EXPECT_EQ(all.nodes.size(), 3u);
  EXPECT_EQ(all.nodes[0].listeners.at(0).name, "CONTROLLER");

  const auto other = leader == 1 ? 2 : 1;
  const auto refused = story.run(other, story.quorum(other).describe_quorum(request));
  EXPECT_EQ(refused.topics.at(0).partitions.at(0).error_code, ErrorCode::not_leader_or_follower);
}

}  // namespace
}  // namespace trialog::replication::test
