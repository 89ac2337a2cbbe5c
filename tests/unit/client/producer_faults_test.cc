#include <gtest/gtest.h>

#include "tests/unit/client/producer_verbs.h"

namespace trialog::client {
namespace {

class LostAnswers : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LostAnswers, MakeNeitherDuplicatesNorDisorder) {
  ClientStory story(GetParam());
  Random random(GetParam());
  story.broker.script = [&random](const Asked& asked) {
    Order order;
    if (!is_produce(asked)) return order;
    const auto dice = random.below(10);
    if (dice == 0) order.act = Act::hang_up;
    if (dice == 1) order.act = Act::serve_and_hang_up;
    if (dice == 2) order.act = Act::refuse, order.error = ErrorCode::not_enough_replicas;
    if (dice == 3) order.error = ErrorCode::not_enough_replicas_after_append;
    if (dice == 4) order.act = Act::refuse, order.error = ErrorCode::not_leader_or_follower;
    return order;
  };
  auto options = story.producer();
  options.batch_size = 200;
  options.linger = Duration(0);
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  std::vector<std::string> values;
  for (int i = 0; i < 60; ++i) values.push_back(std::to_string(i) + std::string(80, '.'));
  story.plays(post_all(producer, values, results));
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, values);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].offset, Offset(static_cast<std::int64_t>(i)));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LostAnswers, testing::Range<std::uint64_t>(1, 31));

TEST(Producer, BumpsItsEpochWhenTheBrokerHasForgottenWhatCameBefore) {
  ClientStory story;
  auto options = story.producer();
  options.linger = Duration(0);
  Producer producer(story.env(), options);
  SendResult first, second, third;
  story.plays(send_one(producer, Record("orders", "k", "1"), first));
  story.plays(send_one(producer, Record("orders", "k", "2"), second));
  // The broker lost the second batch and what it knew of it.
  auto& partition = story.broker.topics["orders"][0];
  partition.log.pop_back();
  partition.end = Offset(1);
  partition.producers.begin()->second.batches.pop_back();
  story.plays(send_one(producer, Record("orders", "k", "3"), third));
  EXPECT_TRUE(third.acknowledged());
  EXPECT_EQ(third.offset, Offset(1));
  EXPECT_EQ(partition.log.back().producer_epoch(), 1);
  EXPECT_EQ(partition.log.back().base_sequence(), 0);
}

TEST(Producer, GoesOnBehindARecordThatTheBrokerRefuses) {
  ClientStory story;
  std::size_t produced = 0;
  story.broker.script = [&](const Asked& asked) {
    Order order;
    if (is_produce(asked) && ++produced == 3) {
      order.act = Act::refuse;
      order.error = ErrorCode::message_too_large;
    }
    return order;
  };
  auto options = story.producer();
  options.batch_size = 100;
  options.linger = Duration(0);
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  std::vector<std::string> values;
  for (int i = 0; i < 10; ++i) values.push_back(std::to_string(i) + std::string(80, '.'));
  story.plays(post_all(producer, values, results));
  ASSERT_EQ(results.size(), 10u);
  EXPECT_EQ(results[2].outcome, Outcome::not_written);
  EXPECT_EQ(results[2].error->code(), ErrorCode::message_too_large);
  results.erase(results.begin() + 2);
  values.erase(values.begin() + 2);
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, values);
}

TEST(Producer, WithoutIdempotenceAndOneInFlightKeepsTheOrderThroughRetries) {
  ClientStory story;
  std::size_t produced = 0;
  story.broker.script = [&](const Asked& asked) {
    Order order;
    if (is_produce(asked) && ++produced % 3 == 0) {
      order.act = Act::refuse;
      order.error = ErrorCode::not_enough_replicas;
    }
    return order;
  };
  auto options = story.producer();
  options.enable_idempotence = false;
  options.max_in_flight = 1;
  options.batch_size = 100;
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  story.plays(post_all(producer, numbered_values("v", 40), results));
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, numbered_values("v", 40));
}

struct UnknownCase {
  const char* name;
  Order order;
  Outcome outcome;
};

class Fate : public testing::TestWithParam<UnknownCase> {};

TEST_P(Fate, IsToldAsFarAsItIsKnown) {
  ClientStory story;
  story.broker.script = [](const Asked& asked) {
    return is_produce(asked) ? GetParam().order : Order();
  };
  auto options = story.producer();
  options.retries = 0;
  options.request_timeout = seconds(2);
  options.delivery_timeout = seconds(20);
  Producer producer(story.env(), options);
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result), seconds(30));
  EXPECT_EQ(outcome_name(result.outcome), outcome_name(GetParam().outcome));
  EXPECT_TRUE(result.error.has_value());
  EXPECT_EQ(producer.buffered(), 0u);
}

constexpr auto none = ErrorCode::none;
const UnknownCase fates[] = {
    {"NoAnswer", {Act::serve_mute, none, {}}, Outcome::unknown},
    {"NeverServed", {Act::mute, none, {}}, Outcome::unknown},
    {"HungUpAfterwards", {Act::serve_and_hang_up, none, {}}, Outcome::unknown},
    {"HungUpBefore", {Act::hang_up, none, {}}, Outcome::unknown},
    {"AfterAppend",
     {Act::serve, ErrorCode::not_enough_replicas_after_append, {}},
     Outcome::unknown},
    {"NotLeader", {Act::serve, ErrorCode::not_leader_or_follower, {}}, Outcome::unknown},
    {"TimedOut", {Act::serve, ErrorCode::request_timed_out, {}}, Outcome::unknown},
    {"DiskFailed", {Act::serve, ErrorCode::kafka_storage_error, {}}, Outcome::unknown},
    {"NotEnoughReplicas", {Act::refuse, ErrorCode::not_enough_replicas, {}}, Outcome::not_written},
    {"TooLarge", {Act::refuse, ErrorCode::message_too_large, {}}, Outcome::not_written},
    {"Corrupt", {Act::refuse, ErrorCode::corrupt_message, {}}, Outcome::not_written},
};
INSTANTIATE_TEST_SUITE_P(Producer, Fate, testing::ValuesIn(fates),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Producer, GivesUpWhatItCouldNeverSend) {
  ClientStory story;
  auto options = story.producer();
  options.delivery_timeout = seconds(5);
  Producer producer(story.env(), options);
  SendResult before, after;
  story.plays(send_one(producer, Record("orders", "k", "v"), before));
  story.datacenter.machine("broker").stop();
  // Time for the lost connection to be noticed.
  story.plays(story.env().clock.sleep(seconds(1)));
  story.plays(send_one(producer, Record("orders", "k", "w"), after), seconds(10));
  EXPECT_EQ(after.outcome, Outcome::not_written);
}

TEST(Producer, DeliversAcrossARestartOfTheBroker) {
  ClientStory story;
  auto options = story.producer();
  options.batch_size = 100;
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  story.datacenter.world().after(milliseconds(30), 0, "test.restart",
                                 [&] { story.restart_broker(); });
  story.plays(post_all(producer, numbered_values("v", 300), results));
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, numbered_values("v", 300));
}

}  // namespace
}  // namespace trialog::client
