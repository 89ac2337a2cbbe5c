#include <gtest/gtest.h>

#include <set>

#include "core/client/partitioner.h"
#include "tests/unit/client/producer_verbs.h"

namespace trialog::client {
namespace {

constexpr std::int16_t api_versions_api = 18;

TEST(Producer, AwaitedSendTellsWhereTheRecordWent) {
  ClientStory story;
  Producer producer(story.env(), story.producer());
  SendResult first, second;
  story.plays(send_one(producer, Record("orders", "k", "one"), first));
  Record late("orders", "k", "two");
  late.timestamp = wall_time(1234);
  story.plays(send_one(producer, late, second));
  ASSERT_TRUE(first.acknowledged());
  EXPECT_EQ(first.partition, TopicPartition("orders", 0));
  EXPECT_EQ(first.offset, Offset(0));
  EXPECT_EQ(second.offset, Offset(1));
  EXPECT_EQ(second.timestamp, wall_time(1234));
  EXPECT_EQ(story.broker.values("orders", 0), (std::vector<std::string>{"one", "two"}));
}

TEST(Producer, FallsBackToTheVersionsOfAnOldBroker) {
  ClientStory story;
  story.broker.speaks.clear();
  for (const auto& [api, last] : std::map<std::int16_t, std::int16_t>{{0, 3}, {3, 1}, {18, 0}}) {
    story.broker.speaks[api] = protocol::Versions(0, last);
  }
  auto options = story.producer();
  options.enable_idempotence = false;
  Producer producer(story.env(), options);
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result));
  EXPECT_TRUE(result.acknowledged());
  ASSERT_GE(story.broker.asked.size(), 2u);
  EXPECT_EQ(story.broker.asked[0].version, 4);
  EXPECT_EQ(story.broker.asked[1].api, api_versions_api);
  EXPECT_EQ(story.broker.asked[1].version, 0);
  EXPECT_EQ(story.broker.asked.back().version, 3);
}

TEST(Producer, TakesTheNextLowerApiVersionsThatTheBrokerNames) {
  ClientStory story;
  story.broker.speaks[18] = "0-3";
  Producer producer(story.env(), story.producer());
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result));
  EXPECT_TRUE(result.acknowledged());
  EXPECT_EQ(story.broker.asked[1].version, 3);
}

TEST(Producer, AddressesTopicsByIdWhereBothSidesCan) {
  ClientStory story;
  story.broker.speaks[0] = "0-13";
  Producer producer(story.env(), story.producer());
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result));
  EXPECT_TRUE(result.acknowledged());
  EXPECT_EQ(story.broker.asked.back().version, 13);
}

TEST(Producer, StaysWithNamesWhereTheBrokerHasNoTopicIds) {
  ClientStory story;
  story.broker.speaks[0] = "0-13";
  story.broker.has_topic_ids = false;
  Producer producer(story.env(), story.producer());
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result));
  EXPECT_TRUE(result.acknowledged());
  EXPECT_EQ(story.broker.asked.back().version, 12);
}

TEST(Producer, PutsRecordsThatLingerTogetherIntoOneBatch) {
  ClientStory story;
  auto options = story.producer();
  options.linger = milliseconds(50);
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  story.plays(post_all(producer, numbered_values("v", 100), results));
  expect_all(results, Outcome::acknowledged);
  EXPECT_EQ(story.broker.topics["orders"][0].log.size(), 1u);
  EXPECT_EQ(results.back().offset, Offset(99));
}

TEST(Producer, ClosesABatchAtItsSizeBeforeItHasLingered) {
  ClientStory story;
  auto options = story.producer();
  options.linger = seconds(3600);
  options.batch_size = 1000;
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  const std::string large(900, 'x');
  story.plays(post_all(producer, {large, large, std::string(1000, 'y')}, results), seconds(30));
  expect_all(results, Outcome::acknowledged);
  EXPECT_EQ(story.broker.topics["orders"][0].log.size(), 3u);
}

TEST(Producer, SendsWhatLingersWhenFlushed) {
  ClientStory story;
  auto options = story.producer();
  options.linger = seconds(3600);
  options.delivery_timeout = seconds(7200);
  Producer producer(story.env(), options);
  int called = 0;
  const auto body = [](Producer& p, int& count) -> Task<void> {
    Record record("orders", "k", "v");
    DeliveryCallback callback = [&count](const SendResult& result) {
      EXPECT_TRUE(result.acknowledged());
      ++count;
    };
    co_await p.post(std::move(record), std::move(callback));
    EXPECT_EQ(count, 0);
    co_await p.flush();
    EXPECT_EQ(count, 1);
  };
  story.plays(body(producer, called), seconds(5));
  EXPECT_EQ(called, 1);
  EXPECT_EQ(producer.buffered(), 0u);
}

TEST(Producer, CallsBackInTheOrderOfTheRecords) {
  ClientStory story;
  auto options = story.producer();
  options.batch_size = 200;
  Producer producer(story.env(), options);
  std::vector<Offset> offsets;
  const auto body = [](Producer& p, std::vector<Offset>& seen) -> Task<void> {
    for (int i = 0; i < 50; ++i) {
      Record record("orders", "same key", std::string(40, 'v'));
      DeliveryCallback callback = [&seen](const SendResult& result) {
        seen.push_back(result.offset);
      };
      co_await p.post(std::move(record), std::move(callback));
    }
    co_await p.flush();
  };
  story.plays(body(producer, offsets));
  ASSERT_EQ(offsets.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(offsets[static_cast<std::size_t>(i)], Offset(i));
}

TEST(Producer, KeepsFiveRequestsInFlightButNoMore) {
  ClientStory story;
  std::size_t answered = 0, most = 0;
  story.broker.script = [&](const Asked& asked) {
    Order order;
    if (!is_produce(asked)) return order;
    most = std::max(most, story.broker.count(produce_api) - answered);
    ++answered;
    order.after = milliseconds(20);
    return order;
  };
  auto options = story.producer();
  options.batch_size = 200;
  options.linger = Duration(0);
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  const auto begun = story.now();
  story.plays(post_all(producer, std::vector<std::string>(41, std::string(150, 'v')), results));
  expect_all(results, Outcome::acknowledged);
  // The broker takes 20 ms for each; pipelined, the way there and back costs nothing.
  EXPECT_LT(story.now() - begun, milliseconds(41 * 20 + 50));
  EXPECT_EQ(story.broker.topics["orders"][0].log.size(), 41u);
}

TEST(Producer, WithoutAcknowledgementsSaysUnknownAndGoesOn) {
  ClientStory story;
  auto options = story.producer();
  options.acks = Acks::none;
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  story.plays(post_all(producer, numbered_values("v", 20), results));
  expect_all(results, Outcome::unknown);
  for (const auto& result : results) EXPECT_FALSE(result.error.has_value());
  story.plays(story.env().clock.sleep(seconds(1)));
  expect_exactly(story, numbered_values("v", 20));
}

TEST(Producer, WaitsForRoomInTheBufferAndKeepsTheOrder) {
  ClientStory story;
  auto options = story.producer();
  options.buffer_memory = 1000;
  options.batch_size = 300;
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  std::vector<std::string> values;
  for (int i = 0; i < 50; ++i) values.push_back(std::to_string(i) + std::string(200, '.'));
  story.plays(post_all(producer, values, results));
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, values);
}

TEST(Producer, RefusesARecordWhenTheBufferStaysFull) {
  ClientStory story;
  story.broker.script = [](const Asked& asked) {
    Order order;
    if (is_produce(asked)) order.act = Act::mute;
    return order;
  };
  auto options = story.producer();
  options.buffer_memory = 1000;
  options.max_block = seconds(3);
  Producer producer(story.env(), options);
  SendResult refused;
  const auto body = [](Producer& p, SendResult& result) -> Task<void> {
    Record record("orders", "k", std::string(900, 'x'));
    co_await p.post(record);
    auto sent = co_await p.send(record);
    result = std::move(sent);
  };
  story.plays(body(producer, refused), seconds(10));
  EXPECT_EQ(refused.outcome, Outcome::not_written);
  ASSERT_TRUE(refused.error && refused.error->io());
  EXPECT_EQ(refused.error->io()->kind(), IoError::Kind::timed_out);
}

TEST(Producer, RefusesWhatCanNeverBeSent) {
  ClientStory story;
  Producer producer(story.env(), story.producer());
  SendResult large, nowhere;
  story.plays(send_one(producer, Record("orders", "k", std::string(2 << 20, 'x')), large));
  EXPECT_EQ(large.outcome, Outcome::not_written);
  EXPECT_EQ(large.error->code(), ErrorCode::message_too_large);
  Record record("orders", "k", "v");
  record.partition = 7;
  story.plays(send_one(producer, record, nowhere));
  EXPECT_EQ(nowhere.outcome, Outcome::not_written);
  EXPECT_EQ(nowhere.error->code(), ErrorCode::unknown_topic_or_partition);
}

TEST(Producer, SpreadsWithItsPartitioner) {
  ClientStory story;
  story.broker.partitions_of_new_topics = 4;
  auto options = story.producer();
  options.partitioner = std::make_shared<RoundRobinPartitioner>();
  Producer producer(story.env(), options);
  std::set<std::int32_t> seen;
  for (int i = 0; i < 4; ++i) {
    SendResult result;
    story.plays(send_one(producer, Record("orders", "same", "v"), result));
    ASSERT_TRUE(result.acknowledged());
    seen.insert(result.partition.partition);
  }
  EXPECT_EQ(seen.size(), 4u);
}

class ByFirstLetter : public Partitioner {
 public:
  std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes,
                      Random&) override {
    return as_text(*key)[0] == 'a' ? 0 : partitions.count - 1;
  }
};

TEST(Producer, AsksTheUsersOwnPartitioner) {
  ClientStory story;
  story.broker.partitions_of_new_topics = 3;
  auto options = story.producer();
  options.partitioner = std::make_shared<ByFirstLetter>();
  Producer producer(story.env(), options);
  SendResult first, second;
  story.plays(send_one(producer, Record("orders", "alpha", "v"), first));
  story.plays(send_one(producer, Record("orders", "beta", "v"), second));
  EXPECT_EQ(first.partition.partition, 0);
  EXPECT_EQ(second.partition.partition, 2);
}

class EveryCodec : public testing::TestWithParam<records::Codec> {};

TEST_P(EveryCodec, ArrivesAsItWasSent) {
  ClientStory story;
  auto options = story.producer();
  options.compression = GetParam();
  Producer producer(story.env(), options);
  std::vector<SendResult> results;
  story.plays(post_all(producer, numbered_values("value ", 50), results));
  expect_all(results, Outcome::acknowledged);
  expect_exactly(story, numbered_values("value ", 50));
  EXPECT_EQ(story.broker.topics["orders"][0].log[0].codec(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Producer, EveryCodec,
                         testing::Values(records::Codec::none, records::Codec::gzip,
                                         records::Codec::snappy, records::Codec::lz4,
                                         records::Codec::zstd));

TEST(Producer, WhenDestroyedMakesOpenDeliveriesUnknown) {
  ClientStory story;
  story.broker.script = [](const Asked& asked) {
    Order order;
    if (is_produce(asked)) order.act = Act::mute;
    return order;
  };
  auto producer = std::make_unique<Producer>(story.env(), story.producer());
  std::optional<Delivery> delivery;
  const auto body = [](Producer& p, std::optional<Delivery>& result) -> Task<void> {
    Record record("orders", "k", "v");
    auto posted = co_await p.post(std::move(record));
    result = std::move(posted);
  };
  story.plays(body(*producer, delivery));
  story.plays(story.env().clock.sleep(seconds(1)));
  EXPECT_FALSE(delivery->done());
  producer.reset();
  ASSERT_TRUE(delivery->done());
  EXPECT_EQ(delivery->result()->outcome, Outcome::unknown);
}

TEST(Producer, ClosesWithinItsDeadline) {
  ClientStory story;
  story.broker.script = [](const Asked& asked) {
    Order order;
    if (is_produce(asked)) order.act = Act::mute;
    return order;
  };
  Producer producer(story.env(), story.producer());
  SendResult sent, late;
  const auto body = [](Producer& p, Env& env, SendResult& open, SendResult& refused) -> Task<void> {
    Record record("orders", "k", "v");
    auto delivery = co_await p.post(record);
    co_await p.close(env.clock.now() + seconds(2));
    auto first = co_await delivery.wait();
    open = std::move(first);
    auto second = co_await p.send(record);
    refused = std::move(second);
  };
  const auto begun = story.now();
  story.plays(body(producer, story.env(), sent, late));
  EXPECT_LT(story.now() - begun, seconds(3));
  EXPECT_EQ(sent.outcome, Outcome::unknown);
  EXPECT_EQ(late.outcome, Outcome::not_written);
}

}  // namespace
}  // namespace trialog::client
