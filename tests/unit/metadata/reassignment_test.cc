#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

using Replicas = std::optional<std::vector<std::int32_t>>;

protocol::AlterPartitionReassignmentsRequest moving(const std::string& topic, Replicas replicas,
                                                    std::int32_t index = 0) {
  protocol::AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  auto& partition = asked.partitions.emplace_back();
  partition.partition_index = index;
  partition.replicas = std::move(replicas);
  return request;
}

std::string asks(ClusterStory& story, const protocol::AlterPartitionReassignmentsRequest& request) {
  const auto response = story.asks<protocol::AlterPartitionReassignmentsResponse>(
      &Controller::alter_partition_reassignments, request);
  return said(response.responses.at(0).partitions.at(0));
}

std::string moves(ClusterStory& story, const std::string& topic, Replicas replicas,
                  std::int32_t index = 0) {
  return asks(story, moving(topic, std::move(replicas), index));
}

std::vector<std::int32_t> replicas(const ClusterStory& story, const std::string& topic) {
  std::vector<std::int32_t> result;
  for (const auto id : story.partition(topic).replicas) result.push_back(id.value);
  return result;
}

TEST(Reassignment, AddsFirstAndRemovesOnceTheTargetIsInSync) {
  ClusterStory story(4);
  story.creates("t", {{1, 2, 3}});
  EXPECT_EQ(moves(story, "t", {{4, 2, 3}}), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,3 adding 4 removing 1");
  EXPECT_EQ(replicas(story, "t"), (std::vector{4, 2, 3, 1}));
  EXPECT_EQ(story.partition("t").directories.at(0), ClusterStory::directory(4));
  EXPECT_EQ(story.partition("t").directories.at(3), ClusterStory::directory(1));
  const auto epoch = story.partition("t").leader_epoch;
  // The leader is to go: whoever asked learns that it is another.
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 2, 3, 4})), "NEW_LEADER_ELECTED");
  EXPECT_EQ(story.shape("t"), "leader 4 isr 2,3,4");
  EXPECT_EQ(replicas(story, "t"), (std::vector{4, 2, 3}));
  EXPECT_EQ(story.partition("t").leader_epoch, epoch.next());
}

TEST(Reassignment, IsDoneOnlyWhenAllOfTheTargetAreInSync) {
  ClusterStory story(4);
  story.creates("t", {{1, 2, 3}});
  story.shrinks_or_grows("t", {1, 3});
  EXPECT_EQ(moves(story, "t", {{1, 2, 4}}), "NONE");
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 3, 4})), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,3,4 adding 4 removing 3") << "2 is missing";
  const auto epoch = story.partition("t").leader_epoch;
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 2, 3, 4})), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,4");
  EXPECT_EQ(story.partition("t").leader_epoch, epoch.next()) << "3 must not go on in the old one";
}

TEST(Reassignment, ToFewerReplicasIsDoneAtOnce) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  EXPECT_EQ(moves(story, "t", {{2, 1}}), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2");
  EXPECT_EQ(replicas(story, "t"), (std::vector{2, 1}));
}

TEST(Reassignment, CanBeCancelled) {
  ClusterStory story(4);
  story.creates("t", {{1, 2, 3}});
  EXPECT_EQ(moves(story, "t", std::nullopt),
            "NO_REASSIGNMENT_IN_PROGRESS: No partition reassignment is in progress.");
  moves(story, "t", {{4, 2, 3}});
  EXPECT_EQ(moves(story, "t", std::nullopt), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,3");
  EXPECT_EQ(replicas(story, "t"), (std::vector{2, 3, 1}));
}

TEST(Reassignment, IsNotCancelledAtTheCostOfRecords) {
  ClusterStory story(4);
  story.creates("t", {{1, 2}});
  moves(story, "t", {{3, 4}});
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 3})), "NONE");
  story.dies(1);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3 adding 3,4 removing 1,2");
  EXPECT_EQ(moves(story, "t", std::nullopt),
            "INVALID_REPLICA_ASSIGNMENT: Unable to revert partition assignment for t:0 because it "
            "would require an unclean leader election.");
  story.sets(ResourceType::topic, "t", "unclean.leader.election.enable", "true");
  EXPECT_EQ(moves(story, "t", std::nullopt), "NONE");
  EXPECT_EQ(replicas(story, "t"), (std::vector{1, 2}));
}

TEST(Reassignment, CanBeReplacedByAnother) {
  ClusterStory story(5);
  story.creates("t", {{1, 2, 3}});
  moves(story, "t", {{4, 2, 3}});
  EXPECT_EQ(moves(story, "t", {{5, 4, 3}}), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,3 adding 5,4 removing 2,1");
  EXPECT_EQ(moves(story, "t", {{1, 2, 3}}), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,3") << "back to where it began";
  EXPECT_EQ(replicas(story, "t"), (std::vector{1, 2, 3}));
}

TEST(Reassignment, ToWhatCannotBeIsRefused) {
  ClusterStory story;
  story.creates("t", {{1, 2}});
  EXPECT_EQ(moves(story, "t", {{1, 9}}),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 9, but no "
            "such broker is registered.");
  EXPECT_EQ(moves(story, "t", {{1, 1}}),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 "
            "more than once.");
  EXPECT_EQ(moves(story, "t", {std::vector<std::int32_t>()}),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica "
            "list.");
  EXPECT_EQ(moves(story, "u", {{1}}),
            "UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named u.");
  EXPECT_EQ(moves(story, "t", {{1}}, 8),
            "UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition t:8.");
  auto request = moving("t", {{1, 2, 3}});
  request.allow_replication_factor_change = false;
  EXPECT_EQ(asks(story, request),
            "INVALID_REPLICATION_FACTOR: The replication factor is changed from 2 to 3");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2");
}

TEST(Reassignment, IsListedWhileItGoesOn) {
  ClusterStory story(4);
  story.creates("t", {{1, 2, 3}, {2, 3, 1}});
  story.creates("u", {{1, 2, 3}});
  moves(story, "t", {{4, 3, 1}}, 1);
  moves(story, "u", {{1, 2, 4}});
  protocol::ListPartitionReassignmentsRequest request;
  request.topics.reset();
  const auto list = [&] {
    return story.asks<protocol::ListPartitionReassignmentsResponse>(
        &Controller::list_partition_reassignments, request);
  };
  EXPECT_EQ(list().topics.size(), 2u);
  request.topics.emplace();
  auto& asked = request.topics->emplace_back();
  asked.name = "t";
  asked.partition_indexes = {0, 1, 7};
  const auto answer = list();
  ASSERT_EQ(answer.topics.size(), 1u);
  ASSERT_EQ(answer.topics[0].partitions.size(), 1u);
  EXPECT_EQ(answer.topics[0].partitions[0].partition_index, 1);
  EXPECT_EQ(answer.topics[0].partitions[0].replicas, (std::vector{4, 3, 1, 2}));
  EXPECT_EQ(answer.topics[0].partitions[0].adding_replicas, std::vector{4});
  EXPECT_EQ(answer.topics[0].partitions[0].removing_replicas, std::vector{2});
}

TEST(Directories, AreWrittenDownForTheBrokerThatTellsThem) {
  ClusterStory story;
  const auto id = story.creates("t", {{1, 2, 3}});
  protocol::AssignReplicasToDirsRequest request;
  request.broker_id = 2;
  request.broker_epoch = story.broker(2).epoch;
  auto& directory = request.directories.emplace_back();
  directory.id = ClusterStory::directory(22);
  auto& topic = directory.topics.emplace_back();
  topic.topic_id = id;
  topic.partitions.emplace_back().partition_index = 0;
  topic.partitions.emplace_back().partition_index = 4;
  const auto ask = [&] {
    return story.asks<protocol::AssignReplicasToDirsResponse>(&Controller::assign_replicas_to_dirs,
                                                              request);
  };
  const auto response = ask();
  const auto& answers = response.directories.at(0).topics.at(0).partitions;
  EXPECT_EQ(error_name(answers.at(0).error_code), "NONE");
  EXPECT_EQ(error_name(answers.at(1).error_code), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(story.partition("t").directories.at(1), ClusterStory::directory(22));
  EXPECT_EQ(story.partition("t").leader_epoch, Epoch(0));
  ++request.broker_epoch;
  EXPECT_EQ(error_name(ask().error_code), "STALE_BROKER_EPOCH");
}

}  // namespace
}  // namespace trialog::metadata::test
