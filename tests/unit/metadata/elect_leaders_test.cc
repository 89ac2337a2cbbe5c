#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

protocol::ElectLeadersResponse elects(ClusterStory& story, std::int8_t type,
                                      std::vector<std::pair<std::string, std::int32_t>> which) {
  protocol::ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions.emplace();
  for (const auto& [topic, index] : which) {
    auto& asked = request.topic_partitions->emplace_back();
    asked.topic = topic;
    asked.partitions = {index};
  }
  return story.asks<protocol::ElectLeadersResponse>(&Controller::elect_leaders, request);
}

std::string elects(ClusterStory& story, std::int8_t type, const std::string& topic,
                   std::int32_t index = 0) {
  const auto response = elects(story, type, {{topic, index}});
  return said(response.replica_election_results.at(0).partition_result.at(0));
}

TEST(ElectLeaders, GivesTheLeadBackToThePreferredReplica) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  EXPECT_EQ(elects(story, 0, "t"),
            "PREFERRED_LEADER_NOT_AVAILABLE: The preferred leader was not available.");
  story.joins(1);
  EXPECT_EQ(elects(story, 0, "t"),
            "PREFERRED_LEADER_NOT_AVAILABLE: The preferred leader was not available.")
      << "it is not in sync";
  story.shrinks_or_grows("t", {2, 3, 1});
  EXPECT_EQ(elects(story, 0, "t"), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 2,3,1");
  EXPECT_EQ(elects(story, 0, "t"),
            "ELECTION_NOT_NEEDED: Leader election not needed for topic partition.");
}

TEST(ElectLeaders, WithLossOnlyWhereNobodyLeads) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  EXPECT_EQ(elects(story, 1, "t"),
            "ELECTION_NOT_NEEDED: Leader election not needed for topic partition.");
  story.shrinks_or_grows("t", {1});
  story.dies(1);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 1 last known 1");
  EXPECT_EQ(elects(story, 1, "t"), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 recovering");
}

TEST(ElectLeaders, WithLossStillNeedsSomebody) {
  ClusterStory story;
  story.creates("t", {{1}});
  story.dies(1);
  EXPECT_EQ(elects(story, 1, "t"),
            "ELIGIBLE_LEADERS_NOT_AVAILABLE: Eligible topic partition leaders are not available.");
}

TEST(ElectLeaders, KnowsWhatThereIs) {
  ClusterStory story;
  story.creates("t", {{1}});
  EXPECT_EQ(elects(story, 0, "u"), "UNKNOWN_TOPIC_OR_PARTITION: No such topic as u");
  EXPECT_EQ(elects(story, 0, "t", 3), "UNKNOWN_TOPIC_OR_PARTITION: No such partition as t-3");
  EXPECT_EQ(error_name(elects(story, 7, {{"t", 0}}).error_code), "INVALID_REQUEST");
}

TEST(ElectLeaders, ForAllMentionsOnlyThoseThatNeededIt) {
  ClusterStory story;
  story.creates("t", {{1, 2}, {2, 1}, {3, 1}});
  story.dies(1);
  story.joins(1);
  story.shrinks_or_grows("t", {2, 1}, 0);
  protocol::ElectLeadersRequest request;
  request.topic_partitions.reset();
  const auto response =
      story.asks<protocol::ElectLeadersResponse>(&Controller::elect_leaders, request);
  ASSERT_EQ(response.replica_election_results.size(), 1u);
  ASSERT_EQ(response.replica_election_results[0].partition_result.size(), 1u);
  EXPECT_EQ(response.replica_election_results[0].partition_result[0].partition_id, 0);
  EXPECT_EQ(story.shape("t", 0), "leader 1 isr 2,1");
}

TEST(PreferredLeaders, ComeBackByThemselves) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.joins(1);
  story.shrinks_or_grows("t", {2, 3, 1});
  story.passes(seconds(200));
  EXPECT_EQ(story.partition("t").leader, NodeId(2));
  story.passes(seconds(100));
  EXPECT_EQ(story.partition("t").leader, NodeId(1));
}

TEST(PreferredLeaders, StayAwayIfTheyAreToldTo) {
  auto options = ClusterStory::defaults();
  options.auto_leader_rebalance = false;
  ClusterStory story(3, options);
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.joins(1);
  story.shrinks_or_grows("t", {2, 3, 1});
  story.passes(seconds(700));
  EXPECT_EQ(story.partition("t").leader, NodeId(2));
}

TEST(UncleanElection, HappensWhereTheTopicAllowsLoss) {
  ClusterStory story;
  story.creates("safe", {{1, 2, 3}});
  story.creates("fast", {{1, 2, 3}});
  story.sets(ResourceType::topic, "fast", "unclean.leader.election.enable", "true");
  for (const auto* name : {"safe", "fast"}) story.shrinks_or_grows(name, {1});
  story.dies(1);
  EXPECT_EQ(story.shape("safe"), "no leader isr  eligible 1 last known 1");
  EXPECT_EQ(story.shape("fast"), "leader 2 isr 2 recovering");
}

TEST(UncleanElection, HappensAsSoonAsItIsAllowed) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.shrinks_or_grows("t", {1});
  story.dies(1);
  story.sets(ResourceType::broker, "", "unclean.leader.election.enable", "true");
  story.happens();
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 recovering");
}

}  // namespace
}  // namespace trialog::metadata::test
