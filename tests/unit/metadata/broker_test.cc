#include <gtest/gtest.h>

#include <set>

#include "tests/unit/metadata/story.h"

namespace trialog::metadata::test {
namespace {

TEST(RegisterBroker, GivesTheBrokerTheOffsetOfItsRegistrationAsEpoch) {
  Story story(Story::defaults(), false);
  const auto registered = story.joins(1);
  const auto* broker = story.image().broker(NodeId(1));
  ASSERT_TRUE(broker);
  EXPECT_EQ(broker->epoch, registered.broker_epoch);
  EXPECT_EQ(registered.broker_epoch, 1) << "after the feature level";
  const auto at = decode_record(story.log().at(1));
  EXPECT_TRUE(std::holds_alternative<protocol::RegisterBrokerRecord>(**at));
  EXPECT_FALSE(broker->fenced);
  EXPECT_EQ(broker->endpoint("PLAINTEXT")->port, 9092);
  EXPECT_FALSE(broker->endpoint("TLS"));
}

TEST(RegisterBroker, BeginsANewLogWithTheMetadataVersion) {
  Story story;
  EXPECT_EQ(story.image().features(), (Image::Features{{"metadata.version", 30}}));
  const auto before = story.log().size();
  story.joins(1);
  EXPECT_EQ(story.log().size(), before + 1) << "only once";
}

TEST(RegisterBroker, BeginsANewLeaderEpochWhereItLeads) {
  Story story;
  story.joins(2);
  story.asks(create({assigned("mine", {{1}}), assigned("theirs", {{2}})}));
  auto after = story.restarted();
  const auto registered = after.joins(1);
  EXPECT_GT(registered.broker_epoch, 0);
  const auto* mine = after.image().partition("mine", 0);
  EXPECT_EQ(mine->leader, NodeId(1));
  EXPECT_EQ(mine->leader_epoch, Epoch(1));
  EXPECT_EQ(mine->partition_epoch, 1);
  EXPECT_EQ(after.image().partition("theirs", 0)->leader_epoch, Epoch(0));
}

TEST(RegisterBroker, TakesUpWhatItLaidDownWhenItStopped) {
  // What Kafka writes when its only broker stops, with eligible leader replicas and without.
  for (const bool eligible : {true, false}) {
    Story story;
    const auto id = story.creates("t");
    protocol::PartitionChangeRecord down;
    down.partition_id = 0;
    down.topic_id = id;
    down.leader = -1;
    if (eligible) {
      down.isr.emplace();
      down.eligible_leader_replicas = {1};
      down.last_known_elr = {1};
    }
    story.finds(down);
    EXPECT_EQ(story.image().partition("t", 0)->leader, no_leader);
    story.joins(1);
    const auto* partition = story.image().partition("t", 0);
    EXPECT_EQ(partition->leader, NodeId(1));
    EXPECT_EQ(partition->leader_epoch, Epoch(2));
    EXPECT_EQ(partition->isr, std::vector{NodeId(1)});
    EXPECT_TRUE(partition->eligible.empty());
    EXPECT_TRUE(partition->last_known.empty());
  }
}

TEST(RegisterBroker, LeavesALeaderlessPartitionToThoseThatHaveItsRecords) {
  Story story;
  story.joins(2);
  const auto response = story.asks(create({assigned("t", {{1, 2}})}));
  protocol::PartitionChangeRecord down;
  down.partition_id = 0;
  down.topic_id = response.topics.at(0).topic_id;
  down.leader = -1;
  down.isr = {1};
  story.finds(down);
  story.joins(2);
  EXPECT_EQ(story.image().partition("t", 0)->leader, no_leader);
  story.joins(1);
  EXPECT_EQ(story.image().partition("t", 0)->leader, NodeId(1));
}

TEST(RegisterBroker, AbortsATransactionWhoseControllerIsGone) {
  Story story;
  story.creates("kept");
  story.finds(protocol::BeginTransactionRecord());
  protocol::TopicRecord record;
  record.name = "half";
  record.topic_id = Story::directory(50);
  story.finds(record);
  EXPECT_TRUE(story.image().topic("half"));
  EXPECT_TRUE(story.image().in_transaction());
  story.joins(1);
  EXPECT_FALSE(story.image().in_transaction());
  EXPECT_FALSE(story.image().topic("half"));
  EXPECT_TRUE(story.image().topic("kept"));
}

TEST(ProducerIds, ComeInBlocksThatNobodyElseHas) {
  Story story;
  const auto first = story.producer_ids();
  const auto second = story.producer_ids();
  EXPECT_EQ(first.first, ProducerId(0));
  EXPECT_EQ(first.size, 1000);
  EXPECT_EQ(second.first, ProducerId(1000));
}

TEST(ProducerIds, AreNeverGivenOutAgainAfterARestart) {
  Story story;
  story.producer_ids();
  auto after = story.restarted();
  after.joins(1);
  EXPECT_EQ(after.producer_ids().first, ProducerId(1000));
  EXPECT_EQ(after.image().next_producer_id(), ProducerId(2000));
}

TEST(Controller, IsNeverDue) {
  Controller controller(Story::defaults());
  EXPECT_EQ(controller.deadline(), never);
  EXPECT_TRUE(controller.on_time(Instant()).records.empty());
}

}  // namespace
}  // namespace trialog::metadata::test
