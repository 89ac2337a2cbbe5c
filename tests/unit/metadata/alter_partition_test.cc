#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

std::string_view answer_to(ClusterStory& story, const protocol::AlterPartitionRequest& request) {
  return error_name(story.proposes(request).error_code);
}

protocol::AlterPartitionRequest::PartitionData& asked(protocol::AlterPartitionRequest& request) {
  return request.topics.at(0).partitions.at(0);
}

TEST(AlterPartition, ShrinksAndExpandsTheInSyncSet) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  const auto answer = story.proposes(story.proposal("t", {1, 3}));
  EXPECT_EQ(error_name(answer.error_code), "NONE");
  EXPECT_EQ(answer.isr, (std::vector{1, 3}));
  EXPECT_EQ(answer.leader_id, 1);
  EXPECT_EQ(answer.partition_epoch, 1);
  EXPECT_EQ(answer.leader_epoch, 0);
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,3");
  EXPECT_EQ(story.partition("t").partition_epoch, 1);
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 3, 2})), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,3,2");
}

TEST(AlterPartition, OfAnOldLifeOfTheLeaderIsRefusedWhole) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1});
  ++request.broker_epoch;
  const auto response =
      story.asks<protocol::AlterPartitionResponse>(&Controller::alter_partition, request);
  EXPECT_EQ(error_name(response.error_code), "STALE_BROKER_EPOCH");
  EXPECT_TRUE(response.topics.empty());
}

TEST(AlterPartition, OfWhatIsNotThereIsRefused) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1});
  asked(request).partition_index = 5;
  EXPECT_EQ(answer_to(story, request), "UNKNOWN_TOPIC_OR_PARTITION");
  request.topics.at(0).topic_id = ClusterStory::directory(77);
  EXPECT_EQ(answer_to(story, request), "UNKNOWN_TOPIC_ID");
}

TEST(AlterPartition, FromTheFutureTellsThatWeAreNoControllerAnyMore) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1});
  ++asked(request).leader_epoch;
  EXPECT_EQ(answer_to(story, request), "NOT_CONTROLLER");
  request = story.proposal("t", {1});
  ++asked(request).partition_epoch;
  request.broker_id = 2;
  request.broker_epoch = story.broker(2).epoch;
  EXPECT_EQ(answer_to(story, request), "NOT_CONTROLLER") << "before anything else is looked at";
}

TEST(AlterPartition, FromThePastIsFenced) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto old = story.proposal("t", {1, 2});
  story.shrinks_or_grows("t", {1, 3});
  EXPECT_EQ(answer_to(story, old), "INVALID_UPDATE_VERSION");
  story.dies(1);
  --asked(old).leader_epoch;
  EXPECT_EQ(answer_to(story, old), "FENCED_LEADER_EPOCH");
}

TEST(AlterPartition, ThatWasCarriedOutAlreadyIsAnsweredAgain) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  const auto request = story.proposal("t", {1, 2});
  EXPECT_EQ(answer_to(story, request), "NONE");
  const auto end = story.image().end();
  const auto again = story.proposes(request);
  EXPECT_EQ(error_name(again.error_code), "NONE");
  EXPECT_EQ(again.partition_epoch, 1);
  EXPECT_EQ(story.image().end(), end);
}

TEST(AlterPartition, MayOnlyBeAskedByTheLeader) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1, 2});
  request.broker_id = 2;
  request.broker_epoch = story.broker(2).epoch;
  EXPECT_EQ(answer_to(story, request), "INVALID_REQUEST");
}

TEST(AlterPartition, RefusesSetsThatMakeNoSense) {
  ClusterStory story(4);
  story.creates("t", {{1, 2, 3}});
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {2, 3})), "INVALID_REQUEST") << "no leader";
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 1})), "INVALID_REQUEST") << "twice";
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 4})), "INVALID_REQUEST") << "no replica";
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {})), "INVALID_REQUEST");
  auto request = story.proposal("t", {1});
  asked(request).leader_recovery_state = 1;
  EXPECT_EQ(answer_to(story, request), "INVALID_REQUEST") << "it is not recovering";
  asked(request).leader_recovery_state = 5;
  EXPECT_EQ(answer_to(story, request), "INVALID_REQUEST");
}

TEST(AlterPartition, RefusesReplicasThatMayNotBeInSync) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1, 2, 3});
  ++asked(request).new_isr_with_epochs.at(2).broker_epoch;
  EXPECT_EQ(answer_to(story, request), "INELIGIBLE_REPLICA") << "another life (KIP-903)";
  asked(request).new_isr_with_epochs.at(2).broker_epoch = -1;
  EXPECT_EQ(answer_to(story, request), "NONE");
  story.dies(2);
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 2, 3})), "INELIGIBLE_REPLICA") << "fenced";
  story.creates("u", {{3, 1}});
  story.wants_to_go(3);
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {1, 3})), "INELIGIBLE_REPLICA") << "going";
}

TEST(AlterPartition, TakesTheSetOfVersion2) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {});
  asked(request).new_isr = {1, 2};
  EXPECT_EQ(answer_to(story, request), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2");
}

TEST(AlterPartition, NamedTwiceInARequestIsDoneOnce) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.proposal("t", {1, 2});
  request.topics.push_back(story.proposal("t", {1, 3}).topics.at(0));
  const auto response =
      story.asks<protocol::AlterPartitionResponse>(&Controller::alter_partition, request);
  EXPECT_EQ(error_name(response.topics.at(1).partitions.at(0).error_code), "INVALID_REQUEST");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2");
}

TEST(AlterPartition, EndsTheRecoveryOfAnUncleanLeader) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.fails_over();
  story.registers(1);
  story.registers(2);
  story.joins(3);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3 recovering");
  auto request = story.proposal("t", {3});
  asked(request).leader_recovery_state = 1;
  EXPECT_EQ(answer_to(story, request), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3 recovering");
  story.joins(1);
  request = story.proposal("t", {3, 1});
  asked(request).leader_recovery_state = 1;
  EXPECT_EQ(answer_to(story, request), "INVALID_REQUEST") << "alone until it has recovered";
  EXPECT_EQ(error_name(story.shrinks_or_grows("t", {3, 1})), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3,1");
}

TEST(EligibleReplicas, AreThoseThatLeftTheSetBelowItsMinimum) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.sets(ResourceType::topic, "t", "min.insync.replicas", "2");
  story.shrinks_or_grows("t", {1, 2});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2");
  story.shrinks_or_grows("t", {1});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1 eligible 2");
  story.shrinks_or_grows("t", {1, 3});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,3") << "enough again: nobody else has all records";
}

TEST(EligibleReplicas, LeadOnceNobodyIsInSync) {
  ClusterStory story;
  story.sets(ResourceType::broker, "", "min.insync.replicas", "2");
  story.creates("t", {{1, 2, 3}});
  story.shrinks_or_grows("t", {1});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1 eligible 2,3");
  story.dies(1);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 eligible 1,3");
}

TEST(EligibleReplicas, AreNoMoreThanThereAreReplicasNeeded) {
  ClusterStory story;
  story.sets(ResourceType::broker, "", "min.insync.replicas", "3");
  story.creates("t", {{1, 2}});
  story.shrinks_or_grows("t", {1});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1 eligible 2");
  story.shrinks_or_grows("t", {1, 2});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2") << "two of two replicas are enough";
}

TEST(EligibleReplicas, AreForgottenWhenTheMinimumChanges) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.creates("u", {{1, 2, 3}});
  story.sets(ResourceType::topic, "t", "min.insync.replicas", "2");
  story.sets(ResourceType::topic, "u", "min.insync.replicas", "2");
  story.shrinks_or_grows("t", {1});
  story.shrinks_or_grows("u", {1});
  story.sets(ResourceType::topic, "t", "min.insync.replicas", "1");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1");
  EXPECT_EQ(story.shape("u"), "leader 1 isr 1 eligible 2,3");
  EXPECT_EQ(story.replayed(), story.image());
}

TEST(EligibleReplicas, NeedOneMinimumForAllBrokers) {
  ClusterStory story;
  EXPECT_EQ(story.image().settings({ResourceType::broker, ""}).at("min.insync.replicas"), "1");
  protocol::IncrementalAlterConfigsRequest request;
  auto& own = request.resources.emplace_back();
  own.resource_type = 4;
  own.resource_name = "1";
  own.configs.emplace_back().name = "min.insync.replicas";
  own.configs.back().value = "2";
  const auto ask = [&] {
    const auto response = story.asks<protocol::IncrementalAlterConfigsResponse>(
        &Controller::incremental_alter_configs, request);
    return response.responses.at(0).error_message.value_or("");
  };
  EXPECT_EQ(ask(), "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  own.resource_name = "";
  own.configs.back().config_operation = 1;
  own.configs.back().value = std::nullopt;
  EXPECT_EQ(ask(), "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
}

}  // namespace
}  // namespace trialog::metadata::test
