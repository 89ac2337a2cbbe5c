#include <gtest/gtest.h>

#include <map>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

std::string refusal(ClusterStory& story, NewTopic topic) {
  const auto before = story.log().size();
  const auto response = story.asks(create({std::move(topic)}));
  EXPECT_EQ(story.log().size(), before) << "what is refused leaves no record";
  return said(response.topics.at(0));
}

TEST(CreateTopics, LeadsEveryPartitionOfANewTopicAtEpochZero) {
  ClusterStory story(1);
  const auto id = story.creates("orders", 3);
  const auto topic = story.image().topic("orders");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->id, id);
  EXPECT_EQ(story.image().topic(id), topic);
  ASSERT_EQ(topic->partitions.size(), 3u);
  for (const auto& [index, partition] : topic->partitions) {
    EXPECT_EQ(partition.replicas, std::vector{NodeId(1)});
    EXPECT_EQ(partition.isr, std::vector{NodeId(1)});
    EXPECT_EQ(partition.leader, NodeId(1));
    EXPECT_EQ(partition.leader_epoch, Epoch(0));
    EXPECT_EQ(partition.partition_epoch, 0);
    EXPECT_EQ(partition.directories, std::vector{ClusterStory::directory(1)});
  }
}

TEST(CreateTopics, TellsWhatItMadeAndWithWhichSettings) {
  ClusterStory story(1);
  const auto response = story.asks(create({with(topic("orders", 2), "retention.ms", "5000")}));
  const auto& made = response.topics.at(0);
  EXPECT_EQ(said(made), "NONE");
  EXPECT_EQ(made.num_partitions, 2);
  EXPECT_EQ(made.replication_factor, 1);
  std::map<std::string, std::pair<std::string, int>> configs;
  for (const auto& c : *made.configs) configs[c.name] = {c.value.value_or("null"), c.config_source};
  EXPECT_EQ(configs.at("retention.ms"), std::pair(std::string("5000"), 1));
  EXPECT_EQ(configs.at("cleanup.policy"), std::pair(std::string("delete"), 5));
  EXPECT_EQ(configs.size(), 33u) << "as many as Kafka 4.3 has for topics";
  EXPECT_EQ(story.image().settings({ResourceType::topic, "orders"}),
            Settings({{"retention.ms", "5000"}}));
}

TEST(CreateTopics, TakesDefaultsFromTheBrokersFile) {
  auto options = ClusterStory::defaults();
  options.num_partitions = 4;
  options.settings = {{"log.segment.bytes", "2097152"}};
  ClusterStory story(1, options);
  const auto response = story.asks(create({topic("orders", -1, -1)}));
  EXPECT_EQ(response.topics.at(0).num_partitions, 4);
  for (const auto& config : *response.topics.at(0).configs) {
    if (config.name != "segment.bytes") continue;
    EXPECT_EQ(config.value, "2097152");
    EXPECT_EQ(config.config_source, 4) << "static broker config";
  }
}

TEST(CreateTopics, RefusesNamesThatCannotBe) {
  ClusterStory story(1);
  EXPECT_EQ(refusal(story, topic("no spaces")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'no spaces' contains one or more "
            "characters other than ASCII alphanumerics, '.', '_' and '-'");
  EXPECT_EQ(refusal(story, topic("__cluster_metadata")),
            "INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.");
}

TEST(CreateTopics, RefusesANameThatIsTakenOrCollides) {
  ClusterStory story(1);
  story.creates("a.b");
  EXPECT_EQ(refusal(story, topic("a.b")), "TOPIC_ALREADY_EXISTS: Topic 'a.b' already exists.");
  EXPECT_EQ(refusal(story, topic("a_b")),
            "INVALID_TOPIC_EXCEPTION: Topic 'a_b' collides with existing topic: a.b");
  story.deletes("a.b");
  story.creates("a_b");
}

TEST(CreateTopics, RefusesATopicThatIsNamedTwiceOnceForBoth) {
  ClusterStory story(1);
  const auto response = story.asks(create({topic("twice"), topic("once"), topic("twice")}));
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(said(response.topics[0]), "INVALID_REQUEST: Duplicate topic name.");
  EXPECT_EQ(response.topics[1].name, "once");
  EXPECT_EQ(said(response.topics[1]), "NONE");
  EXPECT_FALSE(story.image().topic("twice"));
}

TEST(CreateTopics, RefusesNumbersThatCannotBe) {
  ClusterStory story(1);
  EXPECT_EQ(refusal(story, topic("t", 0)),
            "INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.");
  EXPECT_EQ(refusal(story, topic("t", -2)),
            "INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.");
  EXPECT_EQ(refusal(story, topic("t", 1, 0)),
            "INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, or -1 to use "
            "the default value.");
  EXPECT_EQ(refusal(story, topic("t", 1, 3)),
            "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 3 time(s): The target "
            "replication factor of 3 cannot be reached because only 1 broker(s) are registered.");
}

TEST(CreateTopics, RefusesMorePartitionsThanARequestMayMakeWithoutMakingRoomForThem) {
  ClusterStory story(1);
  EXPECT_EQ(refusal(story, topic("t", 2'000'000'000)),
            "POLICY_VIOLATION: Excessively large number of partitions per request.");
  const auto response = story.asks(create({topic("a", 6000), topic("b", 4001)}));
  EXPECT_EQ(response.topics.at(0).error_code, ErrorCode::policy_violation);
  EXPECT_EQ(response.topics.at(1).error_code, ErrorCode::policy_violation);
  EXPECT_TRUE(story.image().topics().empty());
}

TEST(CreateTopics, TakesReplicasAsAssigned) {
  ClusterStory story(1);
  story.joins(2);
  const auto response = story.asks(create({assigned("t", {{2, 1}, {1, 2}})}));
  EXPECT_EQ(said(response.topics.at(0)), "NONE");
  EXPECT_EQ(story.image().partition("t", 0)->leader, NodeId(2));
  EXPECT_EQ(story.image().partition("t", 1)->leader, NodeId(1));
  EXPECT_EQ(story.image().partition("t", 1)->replicas, (std::vector{NodeId(1), NodeId(2)}));
}

TEST(CreateTopics, RefusesAssignmentsThatCannotBe) {
  ClusterStory story(1);
  story.joins(2);
  auto both = assigned("t", {{1}});
  both.num_partitions = 1;
  EXPECT_EQ(refusal(story, both),
            "INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was "
            "not set to -1.");
  both.num_partitions = -1;
  both.replication_factor = 1;
  EXPECT_EQ(refusal(story, both),
            "INVALID_REQUEST: A manual partition assignment was specified, but replication factor "
            "was not set to -1.");
  auto gap = assigned("t", {{1}});
  gap.assignments[0].partition_index = 1;
  EXPECT_EQ(refusal(story, gap),
            "INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer "
            "sequence");
  auto twice = assigned("t", {{1}, {1}});
  twice.assignments[1].partition_index = 0;
  EXPECT_EQ(refusal(story, twice),
            "INVALID_REPLICA_ASSIGNMENT: Found multiple manual partition assignments for partition "
            "0");
  EXPECT_EQ(refusal(story, assigned("t", {{7}})),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 7, but no "
            "such broker is registered.");
  EXPECT_EQ(refusal(story, assigned("t", {{1, 1}})),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 "
            "more than once.");
  EXPECT_EQ(refusal(story, assigned("t", {{}})),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica "
            "list.");
  EXPECT_EQ(refusal(story, assigned("t", {{1, 2}, {1}})),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a partition with "
            "1 replica(s), but this is not consistent with previous partitions, which have 2 "
            "replica(s).");
  story.fences(2);
  EXPECT_EQ(refusal(story, assigned("t", {{2}})),
            "INVALID_REPLICA_ASSIGNMENT: All brokers specified in the manual partition assignment "
            "for partition 0 are fenced or in controlled shutdown.");
}

TEST(CreateTopics, RefusesSettingsThatCannotBe) {
  ClusterStory story(1);
  EXPECT_EQ(refusal(story, with(topic("t"), "retention.mss", "1")),
            "INVALID_CONFIG: Unknown topic config name: retention.mss");
  EXPECT_EQ(refusal(story, with(topic("t"), "retention.ms", std::nullopt)),
            "INVALID_CONFIG: Null value not supported for topic configs: retention.ms");
  EXPECT_TRUE(
      refusal(story, with(topic("t"), "retention.ms", "soon"))
          .starts_with("INVALID_CONFIG: Invalid value soon for configuration retention.ms"));
  EXPECT_EQ(refusal(story, with(with(topic("t"), "min.compaction.lag.ms", "9"),
                                "max.compaction.lag.ms", "8")),
            "INVALID_CONFIG: conflict topic config setting min.compaction.lag.ms (9) > "
            "max.compaction.lag.ms (8)");
}

TEST(CreateTopics, OnlyLooksIfToldTo) {
  ClusterStory story(1);
  const auto before = story.log().size();
  const auto response = story.asks(create({topic("good"), topic("bad", 0)}, true));
  EXPECT_EQ(response.topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(response.topics.at(0).num_partitions, 1);
  EXPECT_EQ(response.topics.at(1).error_code, ErrorCode::invalid_partitions);
  EXPECT_EQ(story.log().size(), before);
}

TEST(CreateTopics, MakesTheGoodOnesOfARequest) {
  ClusterStory story(1);
  story.asks(create({topic("bad", 0), topic("good")}));
  EXPECT_TRUE(story.image().topic("good"));
  EXPECT_FALSE(story.image().topic("bad"));
}

TEST(CreateTopics, SpreadsLeadersOverTheBrokers) {
  ClusterStory story(1);
  story.joins(2);
  story.joins(3);
  story.creates("t", 6, 2);
  std::map<NodeId, int> leads;
  for (const auto& [index, partition] : story.image().topic("t")->partitions) {
    ++leads[partition.leader];
    ASSERT_EQ(partition.replicas.size(), 2u);
    EXPECT_NE(partition.replicas[0], partition.replicas[1]);
  }
  EXPECT_EQ(leads, (std::map<NodeId, int>{{NodeId(1), 2}, {NodeId(2), 2}, {NodeId(3), 2}}));
}

TEST(CreateTopics, PutsNewReplicasIntoTheEmptiestDirectory) {
  ClusterStory story(0);
  auto request = story.registration(1);
  request.log_dirs = {ClusterStory::directory(1), ClusterStory::directory(2)};
  EXPECT_EQ(error_name(story.asks(request).error_code), "NONE");
  EXPECT_FALSE(story.beats(1).is_fenced);
  story.creates("a", 3);
  story.creates("b", 3);
  std::map<Uuid, int> in;
  for (const auto& [name, topic] : story.image().topics()) {
    for (const auto& [index, partition] : topic->partitions) ++in[partition.directories.at(0)];
  }
  EXPECT_EQ(
      in, (std::map<Uuid, int>{{ClusterStory::directory(1), 3}, {ClusterStory::directory(2), 3}}));
}

TEST(CreateTopics, CreatesOnDemandWithTheClustersDefaults) {
  auto options = ClusterStory::defaults();
  options.num_partitions = 5;
  ClusterStory story(1, options);
  const auto response = story.asks(create({topic("wanted", -1, -1), topic("not wanted", -1, -1)}));
  EXPECT_EQ(said(response.topics.at(0)), "NONE");
  EXPECT_EQ(response.topics.at(1).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(story.image().topic("wanted")->partitions.size(), 5u);
}

TEST(CreateTopics, GivesTopicsIdsFromItsSeed) {
  ClusterStory one(1), same(1);
  auto options = ClusterStory::defaults();
  options.random = Random(8);
  ClusterStory other(1, options);
  const auto id = one.creates("t");
  EXPECT_EQ(same.creates("t"), id);
  EXPECT_NE(other.creates("t"), id);
  EXPECT_NE(one.creates("u"), id);
}

TEST(CreateTopics, GivesNoIdAgainEvenIfItsSeedRepeats) {
  ClusterStory story(1);
  const auto id = story.creates("t");
  story.fails_over(7);
  EXPECT_NE(story.creates("u"), id);
}

}  // namespace
}  // namespace trialog::metadata::test
