#include <gtest/gtest.h>

#include "tests/unit/replication/replica_story.h"

namespace trialog::replication::test {
namespace {

using Ids = std::vector<int>;

TEST(ReplicaHostCluster, FollowersHaveWhatTheLeaderCommits) {
  ReplicaStory story(1);
  story.creates({1, 2, 3});
  const auto end = story.appends(1, 5);
  EXPECT_LT(story.watermark(1), end);
  EXPECT_TRUE(story.commits({1, 2, 3}, end));
  EXPECT_EQ(story.records(2), story.records(1));
  EXPECT_EQ(story.records(3), story.records(1));
}

TEST(ReplicaHostCluster, CommitsOneRecordInAFewRoundTrips) {
  ReplicaStory story(2);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1}, story.appends(1)));
  story.passes(seconds(2));
  for (int i = 0; i < 20; ++i) {
    // The followers' fetches are parked at the leader.
    EXPECT_TRUE(story.commits({1}, story.appends(1), milliseconds(60))) << i;
  }
}

TEST(ReplicaHostCluster, AsksSeldomWhenThereIsNothing) {
  ReplicaStory story(3);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1)));
  story.passes(seconds(5));
  const auto before = story.node(1).server().fetches();
  story.passes(seconds(10));
  EXPECT_LE(story.node(1).server().fetches() - before, 2 * 21);
}

TEST(ReplicaHostCluster, GoesOnUnderANewLeaderWithAllThatWasCommitted) {
  ReplicaStory story(4);
  story.creates({1, 2, 3});
  const auto kept = story.appends(1, 10);
  ASSERT_TRUE(story.commits({1}, kept));
  story.crashes(1);
  story.elects(2, {2, 3});
  ASSERT_TRUE(story.waits_until([&] { return story.replica(2)->leads(); }));
  EXPECT_EQ(story.end(2), kept);
  EXPECT_TRUE(story.commits({2, 3}, story.appends(2, 3)));
  EXPECT_EQ(story.records(3), story.records(2));
}

TEST(ReplicaHostCluster, SwitchesLeadersWithinMilliseconds) {
  ReplicaStory story(5);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1)));
  story.passes(seconds(3));
  story.elects(2, {1, 2, 3});
  ASSERT_TRUE(story.waits_until([&] { return story.replica(2)->leads(); }, milliseconds(20)));
  EXPECT_TRUE(story.commits({2}, story.appends(2), milliseconds(100)));
}

TEST(ReplicaHostCluster, CutsTheTailOfADeposedLeader) {
  ReplicaStory story(6);
  story.creates({1, 2, 3});
  const auto kept = story.appends(1, 4);
  ASSERT_TRUE(story.commits({1, 2, 3}, kept));
  story.cut_off(1);
  story.passes(seconds(1));
  story.appends(1, 3);  // Nobody else will ever have them.
  story.elects(2, {2, 3});
  story.passes(seconds(1));
  ASSERT_TRUE(story.replica(2)->leads());
  const auto end = story.appends(2, 2);
  ASSERT_TRUE(story.commits({2, 3}, end));
  story.heals();
  EXPECT_TRUE(story.commits({1}, end));
  EXPECT_EQ(story.records(1), story.records(2));
  EXPECT_EQ(story.end(1), end);
}

TEST(ReplicaHostCluster, CutsWhatAFollowerHadOfALeaderThatIsGone) {
  ReplicaStory story(7);
  story.creates({1, 2, 3}, {1, 2, 3});
  const auto kept = story.appends(1, 2);
  ASSERT_TRUE(story.commits({1, 2, 3}, kept));
  story.cut_off(3);
  story.passes(seconds(1));
  const auto lost = story.appends(1, 3);
  ASSERT_TRUE(story.waits_until([&] { return story.end(2) == lost; }));
  story.crashes(1);
  story.heals();
  story.elects(3, {2, 3});  // It lacks what was never committed.
  ASSERT_TRUE(story.waits_until([&] { return story.replica(3)->leads(); }));
  EXPECT_EQ(story.end(3), kept);
  EXPECT_TRUE(story.commits({2, 3}, story.appends(3)));
  EXPECT_EQ(story.records(2), story.records(3));
}

TEST(ReplicaHostCluster, DoesNotGoOnWithAnEpochFromBeforeItsRestart) {
  ReplicaStory story(8);
  story.creates({1, 2, 3});
  const auto kept = story.appends(1, 2);
  ASSERT_TRUE(story.commits({1, 2, 3}, kept));
  story.crashes(1);
  story.restarts(1);
  story.passes(seconds(1));
  EXPECT_FALSE(story.replica(1)->leads());
  EXPECT_EQ(story.replica(1)->leader, NodeId(1));
  story.elects(1, {1, 2, 3});
  ASSERT_TRUE(story.waits_until([&] { return story.replica(1)->leads(); }));
  EXPECT_TRUE(story.commits({1, 2, 3}, story.appends(1)));
}

TEST(ReplicaHostCluster, DropsWhoFallsBehindAndTakesHimBack) {
  ReplicaStory story(9);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1)));
  story.cut_off(3);
  story.passes(seconds(1));
  const auto end = story.appends(1);
  EXPECT_FALSE(story.commits({1}, end, seconds(5)));
  EXPECT_TRUE(story.commits({1, 2}, end, seconds(20)));
  EXPECT_EQ(story.proposed, Ids({1, 2}));
  story.heals();
  EXPECT_TRUE(story.commits({3}, end));
  EXPECT_TRUE(story.waits_until([&] { return story.proposed.size() == 3; }));
}

TEST(ReplicaHostCluster, CommitsNothingByASetThatTheControllerRefused) {
  ReplicaStory story(10);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1)));
  story.agrees = false;
  story.cut_off(3);
  story.passes(seconds(1));
  EXPECT_FALSE(story.commits({1}, story.appends(1), seconds(60)));
}

TEST(ReplicaHostCluster, FillsANewReplicaAndForgetsAnOldOne) {
  ReplicaStory story(11, 4);
  story.creates({1, 2, 3});
  const auto end = story.appends(1, 20);
  ASSERT_TRUE(story.commits({1, 2, 3}, end));
  story.assigns({1, 2, 3, 4}, {4});
  EXPECT_TRUE(story.waits_until([&] { return story.proposed == Ids({1, 2, 3, 4}); }));
  EXPECT_EQ(story.records(4), story.records(1));
  story.assigns({1, 2, 4});
  EXPECT_TRUE(story.waits_until([&] { return story.replica(3) == nullptr; }));
}

TEST(ReplicaHostCluster, BeginsAnewWhereTheLeadersLogBegins) {
  ReplicaStory story(12);
  story.creates({1, 2, 3}, {1, 2});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1, 3)));
  story.crashes(3);
  const auto end = story.appends(1, 6);
  ASSERT_TRUE(story.commits({1, 2}, end));
  const auto deleted = story.run(1, story.replica(1)->log->delete_before(Offset(6)));
  ASSERT_TRUE(deleted.has_value());
  story.restarts(3);
  EXPECT_TRUE(story.commits({3}, end));
  EXPECT_EQ(story.replica(3)->log->start(), Offset(6));
}

TEST(ReplicaHostCluster, LetsLogsBeginWhereTheLeadersDoes) {
  ReplicaStory story(13);
  story.creates({1, 2, 3});
  ASSERT_TRUE(story.commits({1, 2, 3}, story.appends(1, 6)));
  const auto deleted = story.run(1, story.replica(1)->log->delete_before(Offset(4)));
  ASSERT_TRUE(deleted.has_value());
  EXPECT_TRUE(story.waits_until([&] {
    const auto& peers = story.replica(1)->leading()->peers;
    return peers.at(NodeId(2)).log_start == Offset(4) && peers.at(NodeId(3)).log_start == Offset(4);
  }));
}

TEST(ReplicaHostCluster, SurvivesTheRestartOfEverybody) {
  ReplicaStory story(14);
  story.creates({1, 2, 3});
  const auto end = story.appends(1, 5);
  ASSERT_TRUE(story.commits({1}, end));
  for (int id = 1; id <= 3; ++id) story.crashes(id);
  for (int id = 1; id <= 3; ++id) story.restarts(id);
  story.elects(3, {1, 2, 3});
  ASSERT_TRUE(story.waits_until([&] { return story.replica(3)->leads(); }));
  EXPECT_EQ(story.end(3), end);
  EXPECT_TRUE(story.commits({1, 2, 3}, story.appends(3)));
}

TEST(ReplicaHostCluster, CountsAFollowerOnlyWhenItsSyncIsDone) {
  ReplicaStory story(15);
  story.creates({1, 2, 3});
  const auto end = story.appends(1, 50);
  // Whatever moment it is: what is committed survives the loss of all power.
  story.waits_until([&] { return story.watermark(1).value > 0; });
  const auto committed = story.watermark(1);
  for (int id = 1; id <= 3; ++id) story.crashes(id);
  for (int id = 1; id <= 3; ++id) story.restarts(id);
  for (int id = 1; id <= 3; ++id) EXPECT_GE(story.end(id), committed) << id;
  EXPECT_LE(committed, end);
}

}  // namespace
}  // namespace trialog::replication::test
