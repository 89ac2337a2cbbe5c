#include <gtest/gtest.h>

#include "tests/unit/replication/quorum_story.h"

namespace trialog::replication::test {
namespace {

TEST(MetadataQuorum, ASingleVoterLeadsWhenItHasLoaded) {
  QuorumStory story(1, 1);
  ASSERT_EQ(story.leader(seconds(1)), 1);
  EXPECT_EQ(story.quorum(1).epoch(), Epoch(1));
  const auto end = story.does_some_work(3);
  story.restarts(1);
  ASSERT_EQ(story.leader(seconds(1)), 1);
  EXPECT_EQ(story.quorum(1).epoch(), Epoch(2));
  EXPECT_GT(story.quorum(1).high_watermark(), end);
  EXPECT_EQ(story.committed(1).size(), 3u);
}

TEST(MetadataQuorum, ElectsOneLeaderWhomAllFollow) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    QuorumStory story(seed, 3);
    ASSERT_NE(story.leader(), 0) << "seed " << seed;
    story.does_some_work(5);
    for (int id = 1; id <= 3; ++id) EXPECT_EQ(story.committed(id).size(), 5u);
  }
}

TEST(MetadataQuorum, RefusesAppendsThatAreNotTheLeaders) {
  QuorumStory story(2, 3);
  const auto leader = story.leader();
  const auto follower = leader == 1 ? 2 : 1;
  const auto epoch = story.quorum(leader).epoch();
  const std::vector<Bytes> values{Bytes::copy_of(std::string_view("x"))};
  EXPECT_EQ(story.quorum(follower).append(epoch, values).error(), ErrorCode::not_controller);
  const Epoch old(epoch.value - 1);
  EXPECT_EQ(story.quorum(leader).append(old, values).error(), ErrorCode::not_controller);
}

TEST(MetadataQuorum, AnotherTakesOverWhenTheLeaderCrashes) {
  QuorumStory story(3, 3);
  const auto first = story.leader();
  story.does_some_work(4);
  story.crashes(first);
  const auto before = story.world().now();
  const auto second = story.leader();
  ASSERT_NE(second, 0);
  EXPECT_NE(second, first);
  EXPECT_LT(story.world().now() - before, seconds(8));
  story.does_some_work(2);
  story.restarts(first);
  EXPECT_TRUE(story.waits_while([&] { return !story.ready(first); }));
  story.does_some_work(1);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(story.committed(id).size(), 7u) << id;
}

TEST(MetadataQuorum, AGracefulLeaderIsFollowedAtOnce) {
  QuorumStory story(4, 3);
  const auto first = story.leader();
  story.does_some_work(1);
  const auto before = story.world().now();
  story.stops(first);
  ASSERT_NE(story.leader(), 0);
  EXPECT_LT(story.world().now() - before, milliseconds(700));
}

TEST(MetadataQuorum, ADeposedLeadersTailIsTruncated) {
  QuorumStory story(5, 3);
  const auto first = story.leader();
  story.does_some_work(2);
  story.cut_off(first);
  const auto lost = story.appends(first, "never committed");
  ASSERT_TRUE(story.waits_while([&] {
    for (int id = 1; id <= 3; ++id) {
      if (id != first && story.quorum(id).leads()) return false;
    }
    return true;
  }));
  EXPECT_LT(story.quorum(first).high_watermark(), lost);
  story.heals();
  story.does_some_work(2);
  const auto second = story.leader();
  EXPECT_NE(second, first);
  EXPECT_EQ(story.committed(first), story.committed(second));
  EXPECT_EQ(story.committed(first).size(), 4u);
  EXPECT_EQ(story.notes("quorum.truncate").size(), 1u);
}

TEST(MetadataQuorum, ANodeThatWasCutOffDoesNotDisturb) {
  QuorumStory story(6, 3);
  const auto first = story.leader();
  const auto epoch = story.quorum(first).epoch();
  const auto lonely = first == 1 ? 2 : 1;
  story.cut_off(lonely);
  story.passes(seconds(20));
  story.heals();
  story.does_some_work(3);
  EXPECT_EQ(story.quorum(first).epoch(), epoch);
  EXPECT_TRUE(story.quorum(first).leads());
}

TEST(MetadataQuorum, ALeaderWithoutAMajorityStepsDown) {
  QuorumStory story(7, 3);
  const auto first = story.leader();
  story.does_some_work(1);
  for (int id = 1; id <= 3; ++id) {
    if (id != first) story.crashes(id);
  }
  EXPECT_TRUE(story.waits_while([&] { return story.quorum(first).leads(); }, seconds(5)));
}

TEST(MetadataQuorum, SaysWhoIsMissingWhileThereIsNoMajority) {
  QuorumStory story(8, 3);
  story.leader();
  story.crashes(2);
  story.crashes(3);
  story.passes(seconds(40));
  const auto notes = story.notes("quorum.no_leader");
  ASSERT_GE(notes.size(), 2u);
  EXPECT_LE(notes.size(), 5u);
  EXPECT_NE(notes.back().find("1 of 3 voters reached, 2 needed"), std::string::npos);
  EXPECT_NE(notes.back().find("2 at node2:9093"), std::string::npos);
  EXPECT_NE(notes.back().find("3 at node3:9093"), std::string::npos);
}

TEST(MetadataQuorum, BrokersFollowWithoutAVote) {
  QuorumStory story(9, 3);
  story.joins(4, false);
  story.options(4).bootstrap = {Endpoint("node2", 9093)};
  ASSERT_NE(story.leader(), 0);
  ASSERT_TRUE(story.waits_while([&] { return !story.ready(4); }));
  story.does_some_work(3);
  EXPECT_EQ(story.committed(4).size(), 3u);
  story.crashes(story.leader());
  ASSERT_NE(story.leader(), 0);
  story.does_some_work(1);
  EXPECT_EQ(story.committed(4).size(), 4u);
}

TEST(MetadataQuorum, SurvivesAPowerLossOfAll) {
  QuorumStory story(10, 3);
  story.leader();
  story.does_some_work(6);
  for (int id = 1; id <= 3; ++id) story.crashes(id);
  for (int id = 1; id <= 3; ++id) story.restarts(id);
  ASSERT_NE(story.leader(), 0);
  story.does_some_work(1);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(story.committed(id).size(), 7u);
}

}  // namespace
}  // namespace trialog::replication::test
