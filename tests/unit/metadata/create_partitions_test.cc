#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

using More = protocol::CreatePartitionsRequest::CreatePartitionsTopic;

More more(std::string name, std::int32_t count,
          std::optional<std::vector<std::vector<std::int32_t>>> replicas = std::nullopt) {
  More topic;
  topic.name = std::move(name);
  topic.count = count;
  topic.assignments.reset();
  if (!replicas) return topic;
  topic.assignments.emplace();
  for (auto& ids : *replicas) {
    protocol::CreatePartitionsRequest::CreatePartitionsAssignment assignment;
    assignment.broker_ids = std::move(ids);
    topic.assignments->push_back(std::move(assignment));
  }
  return topic;
}

std::vector<std::string> answers(ClusterStory& story, std::vector<More> topics,
                                 bool validate_only = false) {
  protocol::CreatePartitionsRequest request;
  request.topics = std::move(topics);
  request.validate_only = validate_only;
  std::vector<std::string> result;
  for (const auto& answer : story.asks(request).results) result.push_back(said(answer));
  return result;
}

using Answers = std::vector<std::string>;

TEST(CreatePartitions, AddsBehindThoseThatAreThere) {
  ClusterStory story(1);
  story.creates("t", 2);
  const auto before = *story.image().topic("t");
  EXPECT_EQ(answers(story, {more("t", 4)}), Answers{"NONE"});
  const auto after = story.image().topic("t");
  ASSERT_EQ(after->partitions.size(), 4u);
  EXPECT_EQ(after->partitions.at(0), before.partitions.at(0));
  EXPECT_EQ(after->partitions.at(3).leader, NodeId(1));
  EXPECT_EQ(after->partitions.at(3).leader_epoch, Epoch(0));
}

TEST(CreatePartitions, TakesAssignments) {
  ClusterStory story(1);
  story.joins(2);
  story.asks(create({assigned("t", {{1}})}));
  EXPECT_EQ(answers(story, {more("t", 3, {{{2}, {1}}})}), Answers{"NONE"});
  EXPECT_EQ(story.image().partition("t", 1)->leader, NodeId(2));
  EXPECT_EQ(story.image().partition("t", 2)->leader, NodeId(1));
}

TEST(CreatePartitions, RefusesWhatIsNoIncrease) {
  ClusterStory story(1);
  story.creates("t", 2);
  EXPECT_EQ(answers(story, {more("t", 2)}),
            Answers{"INVALID_PARTITIONS: Topic already has 2 partition(s)."});
  EXPECT_EQ(answers(story, {more("t", 1)}),
            Answers{"INVALID_PARTITIONS: The topic t currently has 2 partition(s); 1 would not be "
                    "an increase."});
  EXPECT_EQ(answers(story, {more("t", -5)}),
            Answers{"INVALID_PARTITIONS: The topic t currently has 2 partition(s); -5 would not be "
                    "an increase."});
}

TEST(CreatePartitions, RefusesAssignmentsThatDoNotFit) {
  ClusterStory story(1);
  story.joins(2);
  story.creates("t", 1);
  EXPECT_EQ(answers(story, {more("t", 3, {{{1}}})}),
            Answers{"INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but "
                    "only 1 assignment(s) were specified."});
  EXPECT_EQ(answers(story, {more("t", 2, {{{1, 2}}})}),
            Answers{"INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a "
                    "partition with 2 replica(s), but this is not consistent with previous "
                    "partitions, which have 1 replica(s)."});
  story.fences(2);
  EXPECT_EQ(answers(story, {more("t", 2, {{{2}}})}),
            Answers{"INVALID_REPLICA_ASSIGNMENT: All brokers specified in the manual partition "
                    "assignment for partition 1 are fenced or in controlled shutdown."});
}

TEST(CreatePartitions, RefusesUnknownTopicsDuplicatesAndExcess) {
  ClusterStory story(1);
  story.creates("t");
  EXPECT_EQ(answers(story, {more("gone", 2), more("t", 2), more("t", 3)}),
            (Answers{"UNKNOWN_TOPIC_OR_PARTITION", "INVALID_REQUEST: Duplicate topic name."}));
  EXPECT_EQ(answers(story, {more("t", 2147483647)}),
            Answers{"POLICY_VIOLATION: Excessively large number of partitions per request."});
  EXPECT_EQ(story.image().topic("t")->partitions.size(), 1u);
}

TEST(CreatePartitions, OnlyLooksIfToldTo) {
  ClusterStory story(1);
  story.creates("t");
  EXPECT_EQ(answers(story, {more("t", 2)}, true), Answers{"NONE"});
  EXPECT_EQ(story.image().topic("t")->partitions.size(), 1u);
}

}  // namespace
}  // namespace trialog::metadata::test
