#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

std::string_view answer_to(ClusterStory& story,
                           const protocol::BrokerRegistrationRequest& request) {
  return error_name(story.asks(request).error_code);
}

TEST(Registration, GivesTheOffsetOfItsRecordAsEpochAndFencesAtFirst) {
  ClusterStory story(0);
  const auto before = story.image().end();
  EXPECT_EQ(story.registers(1), before.value);
  EXPECT_TRUE(story.broker(1).fenced);
  EXPECT_EQ(story.broker(1).epoch, before.value);
  EXPECT_EQ(story.broker(1).endpoint("PLAINTEXT")->host, "host1");
  EXPECT_EQ(story.broker(1).endpoint("PLAINTEXT")->port, 9092);
  EXPECT_FALSE(story.broker(1).endpoint("TLS"));
  EXPECT_EQ(story.broker(1).log_dirs, std::vector{ClusterStory::directory(1)});
  EXPECT_EQ(story.broker(1).features.size(), 6u);
}

TEST(Registration, OfTheSameIncarnationKeepsWhatItHad) {
  ClusterStory story(0);
  const auto request = story.registration(1);
  const auto epoch = story.asks(request).broker_epoch;
  story.beats(1);
  EXPECT_EQ(story.asks(request).broker_epoch, epoch);
  EXPECT_FALSE(story.broker(1).fenced);
}

TEST(Registration, IsRefusedToAnotherCluster) {
  ClusterStory story(0);
  auto request = story.registration(1);
  request.cluster_id = "another";
  EXPECT_EQ(answer_to(story, request), "INCONSISTENT_CLUSTER_ID");
  EXPECT_FALSE(story.image().broker(NodeId(1)));
}

TEST(Registration, IsRefusedWhileAnotherIncarnationIsHeard) {
  ClusterStory story(1);
  auto twin = story.registration(1);
  twin.log_dirs = {ClusterStory::directory(50)};
  EXPECT_EQ(answer_to(story, twin), "DUPLICATE_BROKER_REGISTRATION");
  story.passes(seconds(8), {1});
  EXPECT_EQ(answer_to(story, twin), "DUPLICATE_BROKER_REGISTRATION");
  story.passes(seconds(1), {1});
  EXPECT_EQ(answer_to(story, twin), "NONE");
}

TEST(Registration, NeedNotWaitForABrokerThatThisControllerNeverHeard) {
  // The only broker and its controller died together: it must not wait for its own ghost.
  ClusterStory story(1);
  story.fails_over();
  story.joins(1);
}

TEST(Registration, IsRefusedForDirectoriesThatCannotBe) {
  ClusterStory story(1);
  auto request = story.registration(2);
  request.log_dirs = {};
  EXPECT_EQ(answer_to(story, request), "INVALID_REGISTRATION");
  request.log_dirs = {Uuid()};
  EXPECT_EQ(answer_to(story, request), "INVALID_REGISTRATION") << "reserved";
  request.log_dirs = {ClusterStory::directory(2), ClusterStory::directory(2)};
  EXPECT_EQ(answer_to(story, request), "INVALID_REGISTRATION") << "twice";
  request.log_dirs = {ClusterStory::directory(1)};
  EXPECT_EQ(answer_to(story, request), "INVALID_REGISTRATION") << "another broker's";
  request.log_dirs = {ClusterStory::directory(2)};
  request.broker_id = -2;
  EXPECT_EQ(answer_to(story, request), "INVALID_REGISTRATION");
}

TEST(Registration, IsRefusedToABrokerThatIsTooOldForTheCluster) {
  ClusterStory story(0);
  auto request = story.registration(1);
  for (auto& feature : request.features) {
    if (feature.name == "metadata.version") feature.max_supported_version = 29;
  }
  EXPECT_EQ(answer_to(story, request), "UNSUPPORTED_VERSION");
  request = story.registration(1);
  std::erase_if(request.features, [](const auto& feature) {
    return feature.name == "eligible.leader.replicas.version";
  });
  EXPECT_EQ(answer_to(story, request), "UNSUPPORTED_VERSION");
}

TEST(Registration, WithoutProofOfACleanShutdownGivesUpWhatMayBeLost) {
  ClusterStory story;
  story.sets(ResourceType::broker, "", "min.insync.replicas", "2");
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.dies(2);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3 eligible 2");
  story.registers(2);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3");
}

TEST(Registration, AfterACleanShutdownKeepsThePlaceAmongTheEligible) {
  ClusterStory story;
  story.sets(ResourceType::broker, "", "min.insync.replicas", "2");
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.dies(2);
  story.registers(2, true);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3 eligible 2");
  story.dies(3);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 2,3 last known 3");
  story.beats(2);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 eligible 3");
}

TEST(Registration, OfANewIncarnationRemovesTheOldOneFromAllInSyncSets) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.fails_over();
  story.registers(1);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2,3");
  story.registers(2, true);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3");
}

TEST(Registration, LetsTheLastInSyncLeadAgainInANewEpoch) {
  ClusterStory story(1);
  story.creates("t", {{1}});
  const auto before = story.partition("t").leader_epoch;
  story.fails_over();
  story.registers(1);
  EXPECT_EQ(story.shape("t"), "no leader isr  last known 1");
  story.beats(1);
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1 recovering");
  EXPECT_GT(story.partition("t").leader_epoch, before);
}

TEST(Registration, LetsNobodyLeadWhoWasKnownToHaveEverythingBeforeAnotherLed) {
  ClusterStory story(2);
  story.sets(ResourceType::broker, "", "min.insync.replicas", "2");
  story.creates("t", {{1, 2}});
  story.dies(2);
  story.dies(1);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 1,2 last known 1");
  story.joins(2, true);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 eligible 1");
  story.joins(1);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2");
  story.fails_over();
  story.registers(2);
  EXPECT_EQ(story.shape("t"), "no leader isr  last known 2");
  story.beats(2);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2 recovering");
}

TEST(Registration, AfterACleanStopOfTheOnlyBrokerLosesNothing) {
  ClusterStory story(1);
  story.creates("t", {{1}});
  EXPECT_TRUE(story.wants_to_go(1).should_shut_down || story.wants_to_go(1).should_shut_down);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 1 last known 1");
  story.fails_over();
  story.joins(1, true);
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1");
}

TEST(Registration, BeginsANewLeaderEpochWhereTheBrokerLeads) {
  ClusterStory story(2);
  story.creates("mine", {{1}});
  story.creates("theirs", {{2}});
  story.fails_over();
  story.joins(1);
  EXPECT_EQ(story.partition("mine").leader, NodeId(1));
  EXPECT_EQ(story.partition("mine").leader_epoch, Epoch(2)) << "once down, once up";
  EXPECT_EQ(story.partition("mine").partition_epoch, 2);
  EXPECT_EQ(story.partition("theirs").leader_epoch, Epoch(0));
}

TEST(Registration, TakesUpWhatTheOnlyBrokerLaidDownWhenItStopped) {
  // What Kafka writes when its only broker stops, with eligible leader replicas and without.
  for (const bool eligible : {true, false}) {
    ClusterStory story(1);
    protocol::PartitionChangeRecord down;
    down.topic_id = story.creates("t");
    down.partition_id = 0;
    down.leader = -1;
    if (eligible) {
      down.isr.emplace();
      down.eligible_leader_replicas = {1};
      down.last_known_elr = {1};
    }
    story.finds(down);
    EXPECT_EQ(story.partition("t").leader, no_leader);
    story.fails_over();
    story.joins(1, true);
    EXPECT_EQ(story.shape("t"), "leader 1 isr 1");
    EXPECT_EQ(story.partition("t").leader_epoch, Epoch(2));
  }
}

TEST(Registration, LeavesALeaderlessPartitionToThoseThatHaveItsRecords) {
  ClusterStory story(2);
  protocol::PartitionChangeRecord down;
  down.topic_id = story.creates("t", {{1, 2}});
  down.partition_id = 0;
  down.leader = -1;
  down.isr = {1};
  story.finds(down);
  story.fences(1);
  story.fails_over();
  story.joins(2, true);
  EXPECT_EQ(story.partition("t").leader, no_leader);
  story.joins(1, true);
  EXPECT_EQ(story.partition("t").leader, NodeId(1));
}

TEST(Registration, WithThePlantedBugKeepsALastReplicaThatLostItsTail) {
  auto options = ClusterStory::defaults();
  options.bugs.plant(Bug::last_replica_standing);
  ClusterStory story(3, options);
  story.sets(ResourceType::broker, "", "min.insync.replicas", "2");
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.dies(2);
  story.dies(3);
  EXPECT_EQ(story.shape("t"), "no leader isr 3");
  story.joins(2);
  EXPECT_EQ(story.shape("t"), "no leader isr 3");
  story.joins(3);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3");
}

TEST(Registration, WithThePlantedBugResumesInTheOldEpoch) {
  auto options = ClusterStory::defaults();
  options.bugs.plant(Bug::leader_resumes_after_restart);
  ClusterStory story(3, options);
  story.creates("t", {{1, 2, 3}});
  const auto before = story.partition("t").leader_epoch;
  story.fails_over();
  story.joins(1);
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1,2,3");
  EXPECT_EQ(story.partition("t").leader_epoch, before);
}

TEST(Unregister, TakesTheBrokerOutOfEverything) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  protocol::UnregisterBrokerRequest request;
  request.broker_id = 1;
  const auto leave = [&] {
    return story.asks<protocol::UnregisterBrokerResponse>(&Controller::unregister_broker, request);
  };
  EXPECT_EQ(error_name(leave().error_code), "NONE");
  EXPECT_FALSE(story.image().broker(NodeId(1)));
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2,3");
  const auto again = leave();
  EXPECT_EQ(error_name(again.error_code), "BROKER_ID_NOT_REGISTERED");
  EXPECT_EQ(again.error_message, "Broker ID 1 is not currently registered");
  EXPECT_EQ(story.replayed(), story.image());
}

TEST(ControllerRegistration, IsKept) {
  ClusterStory story(0);
  protocol::ControllerRegistrationRequest request;
  request.controller_id = 100;
  auto& listener = request.listeners.emplace_back();
  listener.name = "CONTROLLER";
  listener.host = "there";
  listener.port = 9093;
  const auto response = story.asks<protocol::ControllerRegistrationResponse>(
      &Controller::controller_registration, request);
  EXPECT_EQ(error_name(response.error_code), "NONE");
  EXPECT_EQ(story.image().controllers().at(NodeId(100)).endpoints.front().port, 9093);
}

}  // namespace
}  // namespace trialog::metadata::test
