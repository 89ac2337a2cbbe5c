#include "core/metadata/image.h"

#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

TEST(Image, OfThePastStaysAsItWas) {
  ClusterStory story(1);
  story.creates("a", 2);
  const Image past = story.image();
  const auto kept = past.topic("a");
  story.creates("b");
  story.asks(create({with(topic("c"), "retention.ms", "5")}));
  protocol::PartitionChangeRecord led_again;
  led_again.topic_id = kept->id;
  led_again.partition_id = 1;
  led_again.leader = 1;
  story.finds(led_again);
  story.deletes("b");

  EXPECT_EQ(past.topics().size(), 1u);
  EXPECT_EQ(past.topic("a"), kept);
  EXPECT_EQ(kept->partitions.at(1).leader_epoch, Epoch(0));
  EXPECT_EQ(story.image().topic("a")->partitions.at(1).leader_epoch, Epoch(1));
  EXPECT_LT(past.end(), story.image().end());
  EXPECT_FALSE(past == story.image());
}

TEST(Image, SharesWhatARecordDidNotTouch) {
  ClusterStory story(1);
  story.creates("a");
  story.creates("b");
  const Image past = story.image();
  story.creates("c");
  EXPECT_EQ(past.topic("a"), story.image().topic("a"));
  EXPECT_EQ(&past.brokers(), &story.image().brokers());
  EXPECT_NE(&past.topics(), &story.image().topics());
}

TEST(Image, SaysWhyARecordCannotFollow) {
  ClusterStory story(1);
  const auto id = story.creates("a");
  const auto& image = story.image();

  protocol::TopicRecord topic;
  topic.name = "a";
  topic.topic_id = ClusterStory::directory(9);
  EXPECT_EQ(image.problem(topic), "there is a topic a or its id already");
  topic.name = "b";
  topic.topic_id = id;
  EXPECT_FALSE(image.problem(topic).empty());
  protocol::RemoveTopicRecord remove;
  remove.topic_id = ClusterStory::directory(9);
  EXPECT_EQ(image.problem(remove), "no topic with id " + remove.topic_id.text());
  protocol::PartitionChangeRecord change;
  change.topic_id = id;
  change.partition_id = 7;
  EXPECT_EQ(image.problem(change), "no partition a-7");
  protocol::PartitionRecord partition;
  EXPECT_FALSE(image.problem(partition).empty());
  protocol::FenceBrokerRecord fence;
  fence.id = 5;
  EXPECT_EQ(image.problem(fence), "no broker 5");
  EXPECT_FALSE(image.problem(protocol::EndTransactionRecord()).empty());
  EXPECT_EQ(image.problem(protocol::BeginTransactionRecord()), "");
}

TEST(Image, FollowsABrokersRegistration) {
  ClusterStory story(1);
  protocol::BrokerRegistrationChangeRecord change;
  change.broker_id = 1;
  change.fenced = 1;
  story.finds(change);
  EXPECT_TRUE(story.image().broker(NodeId(1))->fenced);
  change.fenced = -1;
  change.in_controlled_shutdown = 1;
  change.log_dirs = {ClusterStory::directory(3)};
  story.finds(change);
  EXPECT_FALSE(story.image().broker(NodeId(1))->fenced);
  EXPECT_TRUE(story.image().broker(NodeId(1))->in_controlled_shutdown);
  EXPECT_EQ(story.image().broker(NodeId(1))->log_dirs, std::vector{ClusterStory::directory(3)});
  protocol::UnregisterBrokerRecord leave;
  leave.broker_id = 1;
  story.finds(leave);
  EXPECT_FALSE(story.image().broker(NodeId(1)));
}

TEST(Image, TakesAFeatureOfLevelZeroAsGone) {
  ClusterStory story(1);
  protocol::FeatureLevelRecord level;
  level.name = "group.version";
  level.feature_level = 1;
  story.finds(level);
  EXPECT_EQ(story.image().features().at("group.version"), 1);
  level.feature_level = 0;
  story.finds(level);
  EXPECT_FALSE(story.image().features().contains("group.version"));
}

TEST(Image, CountsOffsetsThatSayNothing) {
  Image image;
  image.skip_to(Offset(5));
  image.apply(protocol::NoOpRecord());
  EXPECT_EQ(image.end(), Offset(6));
}

TEST(Image, KeepsATransactionThatEnds) {
  ClusterStory story(1);
  story.finds(protocol::BeginTransactionRecord());
  story.creates("a");
  story.finds(protocol::EndTransactionRecord());
  EXPECT_TRUE(story.image().topic("a"));
  EXPECT_FALSE(story.image().in_transaction());
}

}  // namespace
}  // namespace trialog::metadata::test
