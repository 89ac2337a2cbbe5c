#include "core/metadata/placement.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

std::vector<Replicas> placed(const ClusterStory& story, std::int32_t count, std::int32_t factor) {
  Random random(3);
  return place(story.image(), count, factor, random).value();
}

TEST(Placement, SpreadsLeadersAndReplicasEvenly) {
  ClusterStory story(6);
  std::map<NodeId, int> leads, holds;
  for (const auto& replicas : placed(story, 600, 3)) {
    EXPECT_EQ(std::set(replicas.begin(), replicas.end()).size(), 3u);
    ++leads[replicas.front()];
    for (const auto id : replicas) ++holds[id];
  }
  for (const auto& [id, count] : leads) EXPECT_EQ(count, 100) << id.value;
  for (const auto& [id, count] : holds) EXPECT_EQ(count, 300) << id.value;
}

TEST(Placement, TakesEveryRackBeforeItTakesOneTwice) {
  ClusterStory story(0);
  for (const int id : {1, 2, 3, 4, 5, 6, 7})
    story.joins(id, false, id < 4 ? "a" : id < 6 ? "b" : "c");
  for (const auto& replicas : placed(story, 100, 3)) {
    std::set<std::optional<std::string>> racks;
    for (const auto id : replicas) racks.insert(story.broker(id.value).rack);
    EXPECT_EQ(racks.size(), 3u);
  }
  EXPECT_EQ(placed(story, 1, 7).front().size(), 7u);
}

TEST(Placement, LetsNoFencedBrokerLeadAndPrefersOthersAsFollowers) {
  ClusterStory story(3);
  story.registers(4);
  for (const auto& replicas : placed(story, 50, 3)) {
    EXPECT_EQ(std::ranges::count(replicas, NodeId(4)), 0);
  }
  for (const auto& replicas : placed(story, 50, 4)) EXPECT_EQ(replicas.back(), NodeId(4));
}

TEST(Placement, BeyondTheClusterIsRefusedInKafkasWords) {
  ClusterStory story;
  const auto response = story.asks<protocol::CreateTopicsResponse>(&Controller::create_topics,
                                                                   create({topic("t", 1, 4)}));
  EXPECT_EQ(said(response.topics.at(0)),
            "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 4 time(s): The target "
            "replication factor of 4 cannot be reached because only 3 broker(s) are registered.");
}

TEST(Placement, GivesNewPartitionsTheInSyncSetOfThoseThatAreThere) {
  ClusterStory story(3);
  story.dies(2);
  story.creates("t", {{2, 1, 3}});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,3");
}

}  // namespace
}  // namespace trialog::metadata::test
