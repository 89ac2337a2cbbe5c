#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

TEST(Heartbeat, OfAStrangerOrAnOldLifeIsRefused) {
  ClusterStory story(1);
  auto request = story.heartbeat(1);
  --request.broker_epoch;
  EXPECT_EQ(error_name(story.asks(request).error_code), "STALE_BROKER_EPOCH");
  request.broker_id = 9;
  EXPECT_EQ(error_name(story.asks(request).error_code), "BROKER_ID_NOT_REGISTERED");
}

TEST(Heartbeat, UnfencesABrokerThatHasReadItsRegistration) {
  ClusterStory story(0);
  story.registers(1);
  auto request = story.heartbeat(1);
  request.current_metadata_offset = story.broker(1).epoch - 1;
  auto response = story.asks(request);
  EXPECT_TRUE(response.is_fenced);
  EXPECT_FALSE(response.is_caught_up);
  request.current_metadata_offset = story.broker(1).epoch;
  request.want_fence = true;
  EXPECT_TRUE(story.asks(request).is_fenced);
  request.want_fence = false;
  response = story.asks(request);
  EXPECT_FALSE(response.is_fenced);
  EXPECT_TRUE(response.is_caught_up);
  EXPECT_FALSE(story.broker(1).fenced);
}

TEST(Heartbeat, FencesABrokerThatAsksForIt) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto request = story.heartbeat(1);
  request.want_fence = true;
  EXPECT_TRUE(story.asks(request).is_fenced);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2,3");
  EXPECT_TRUE(story.broker(1).fenced);
}

TEST(Silence, FencesABrokerAndElectsOthers) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}});
  const auto epoch = story.partition("t").leader_epoch;
  story.passes(seconds(8), {1});
  EXPECT_FALSE(story.broker(1).fenced);
  story.passes(seconds(1), {1});
  EXPECT_TRUE(story.broker(1).fenced);
  EXPECT_EQ(story.shape("t", 0), "leader 2 isr 2,3");
  EXPECT_EQ(story.shape("t", 1), "leader 2 isr 2,3");
  EXPECT_EQ(story.shape("t", 2), "leader 3 isr 3,2");
  EXPECT_EQ(story.partition("t", 0).leader_epoch, epoch.next());
  EXPECT_EQ(story.partition("t", 1).leader_epoch, epoch) << "an ISR shrink is no election";
}

TEST(Silence, IsCountedAnewByTheNextController) {
  ClusterStory story;
  story.passes(seconds(8), {1});
  story.fails_over();
  story.passes(seconds(8), {1});
  EXPECT_FALSE(story.broker(1).fenced);
  story.passes(seconds(1), {1});
  EXPECT_TRUE(story.broker(1).fenced);
}

TEST(Silence, OfAllLeavesWhoWasLastToComeBackFirst) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.dies(1);
  story.dies(2);
  story.dies(3);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 3 last known 3");
  story.joins(1);
  EXPECT_EQ(story.shape("t"), "no leader isr  eligible 3 last known 3");
  story.joins(3, true);
  EXPECT_EQ(story.shape("t"), "leader 3 isr 3");
}

TEST(ControlledShutdown, HandsLeadershipsOverBeforeTheBrokerGoes) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  auto response = story.wants_to_go(1);
  EXPECT_FALSE(response.should_shut_down);
  EXPECT_FALSE(response.is_fenced);
  EXPECT_TRUE(story.broker(1).in_controlled_shutdown);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2,3");
  // The others have not heard of it yet.
  EXPECT_FALSE(story.wants_to_go(1).should_shut_down);
  story.beats(2);
  EXPECT_FALSE(story.wants_to_go(1).should_shut_down);
  story.beats(3);
  response = story.wants_to_go(1);
  EXPECT_TRUE(response.should_shut_down);
  EXPECT_TRUE(response.is_fenced);
  EXPECT_TRUE(story.broker(1).fenced);
  story.joins(1, true);
  EXPECT_FALSE(story.broker(1).in_controlled_shutdown);
}

TEST(ControlledShutdown, IsDoneAtOnceWhereNothingIsLed) {
  ClusterStory story;
  story.creates("t", {{2, 1, 3}});
  EXPECT_TRUE(story.wants_to_go(1).should_shut_down);
  EXPECT_EQ(story.shape("t"), "leader 2 isr 2,3");
}

TEST(ControlledShutdown, GoesOnUnderTheNextController) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.wants_to_go(1);
  story.fails_over();
  EXPECT_FALSE(story.wants_to_go(1).should_shut_down) << "it has not heard of the others";
  story.beats(2);
  story.beats(3);
  EXPECT_TRUE(story.wants_to_go(1).should_shut_down);
}

TEST(ControlledShutdown, CannotBeTakenBack) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.wants_to_go(1);
  story.dies(1);
  EXPECT_TRUE(story.beats(1).is_fenced);
  story.joins(1);
  EXPECT_TRUE(story.broker(1).active());
}

TEST(ControlledShutdown, OfAFencedBrokerIsImmediate) {
  ClusterStory story(0);
  story.registers(1);
  EXPECT_TRUE(story.wants_to_go(1).should_shut_down);
}

TEST(BrokerStates, AreLeftOnlyAsTheTableSays) {
  using enum BrokerState;
  EXPECT_TRUE(allows(broker_transitions, fenced, unfenced));
  EXPECT_FALSE(allows(broker_transitions, controlled_shutdown, unfenced));
  EXPECT_FALSE(allows(broker_transitions, shutdown_now, unfenced));
  EXPECT_FALSE(allows(broker_transitions, fenced, controlled_shutdown));
}

TEST(LostDirectory, TakesItsReplicasOutOfSync) {
  ClusterStory story(2);
  auto request = story.registration(3);
  request.log_dirs = {ClusterStory::directory(30), ClusterStory::directory(31)};
  story.asks(request);
  story.beats(3);
  story.creates("t", {{3, 1, 2}, {3, 2, 1}});
  const auto lost = story.partition("t", 0).directories.at(0);
  auto beat = story.heartbeat(3);
  beat.offline_log_dirs = {lost};
  story.asks(beat);
  EXPECT_EQ(story.shape("t", 0), "leader 1 isr 1,2");
  EXPECT_EQ(story.shape("t", 1), "leader 3 isr 3,2,1");
  EXPECT_EQ(story.broker(3).log_dirs.size(), 1u);
  const auto end = story.image().end();
  story.asks(beat);
  EXPECT_EQ(story.image().end(), end) << "once";
}

TEST(ProducerIdBlocks, AreGivenToBrokersOfThisLife) {
  ClusterStory story(1);
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = 1;
  request.broker_epoch = story.broker(1).epoch;
  const auto ask = [&] {
    return story.asks<protocol::AllocateProducerIdsResponse>(&Controller::allocate_producer_ids,
                                                             request);
  };
  EXPECT_EQ(ask().producer_id_start, 0);
  EXPECT_EQ(ask().producer_id_start, 1000);
  EXPECT_EQ(ask().producer_id_len, 1000);
  story.fails_over();
  EXPECT_EQ(ask().producer_id_start, 3000);
  --request.broker_epoch;
  EXPECT_EQ(error_name(ask().error_code), "STALE_BROKER_EPOCH");
}

TEST(ProducerIdBlocks, AreNeverGivenOutAgainAfterARestart) {
  ClusterStory story(1);
  story.producer_ids();
  story.fails_over();
  story.joins(1);
  EXPECT_EQ(story.producer_ids().producer_id_start, 1000);
  EXPECT_EQ(story.image().next_producer_id(), ProducerId(2000));
}

}  // namespace
}  // namespace trialog::metadata::test
