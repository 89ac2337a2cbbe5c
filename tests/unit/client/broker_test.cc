#include <gtest/gtest.h>

#include "core/client/admin.h"
#include "core/client/consumer.h"
#include "core/client/producer.h"
#include "tests/unit/client/broker_story.h"

namespace trialog::client {
namespace {

const TopicPartition orders0("orders", 0);

template <class Options>
Options options_for(const BrokerStory& story) {
  Options options;
  options.bootstrap = {story.broker()};
  return options;
}

Task<void> produce(Producer& producer, int from, int end, std::vector<Delivery>& deliveries) {
  for (int i = from; i < end; ++i) {
    Record record("orders", "key", "value " + std::to_string(i));
    record.partition = 0;
    record.timestamp = wall_time(1'000'000 + i);
    auto delivery = co_await producer.post(std::move(record));
    deliveries.push_back(std::move(delivery));
  }
  co_await producer.flush();
}

Task<void> read_all(Consumer& consumer, std::size_t count, std::vector<std::string>& values) {
  while (values.size() < count) {
    auto polled = co_await consumer.poll(seconds(5));
    EXPECT_TRUE(polled.has_value()) << polled.error().text();
    if (!polled || polled->empty()) co_return;
    for (const auto& record : *polled) values.emplace_back(record.value->text());
  }
}

std::vector<std::string> expected(int from, int end) {
  std::vector<std::string> values;
  for (int i = from; i < end; ++i) values.push_back("value " + std::to_string(i));
  return values;
}

class WithABroker : public testing::TestWithParam<records::Codec> {};

TEST_P(WithABroker, WhatWasSentIsReadFromBeginningOffsetTimeAndEnd) {
  BrokerStory story;
  auto options = options_for<ProducerOptions>(story);
  options.compression = GetParam();
  options.batch_size = 500;
  Producer producer(story.env(), options);
  std::vector<Delivery> deliveries;
  story.plays(produce(producer, 0, 300, deliveries));
  for (const auto& delivery : deliveries) EXPECT_TRUE(delivery.result()->acknowledged());

  auto consuming = options_for<ConsumerOptions>(story);
  consuming.auto_offset_reset = OffsetReset::earliest;
  Consumer consumer(story.env(), consuming);
  consumer.assign({orders0});
  std::vector<std::string> values;
  story.plays(read_all(consumer, 300, values));
  EXPECT_EQ(values, expected(0, 300));

  values.clear();
  consumer.seek(orders0, Offset(123));
  story.plays(read_all(consumer, 177, values));
  EXPECT_EQ(values, expected(123, 300));

  values.clear();
  const auto seek = [](Consumer& c) -> Task<void> {
    std::vector<TopicPartition> all = c.assignment();
    auto sought = co_await c.seek_to_time(std::move(all), wall_time(1'000'250));
    EXPECT_TRUE(sought.has_value());
  };
  story.plays(seek(consumer));
  story.plays(read_all(consumer, 50, values));
  EXPECT_EQ(values, expected(250, 300));

  values.clear();
  consumer.seek_to_end({orders0});
  const auto settle = [](Consumer& c) -> Task<void> {
    auto position = co_await c.position(orders0);
    EXPECT_EQ(*position, Offset(300));
  };
  story.plays(settle(consumer));
  deliveries.clear();
  story.plays(produce(producer, 300, 310, deliveries));
  story.plays(read_all(consumer, 10, values));
  EXPECT_EQ(values, expected(300, 310));
}

INSTANTIATE_TEST_SUITE_P(Codecs, WithABroker,
                         testing::Values(records::Codec::none, records::Codec::gzip,
                                         records::Codec::snappy, records::Codec::lz4,
                                         records::Codec::zstd));

class PowerLoss : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PowerLoss, KeepsWhatWasAcknowledgedOnceAndInOrder) {
  BrokerStory story(GetParam());
  auto options = options_for<ProducerOptions>(story);
  options.batch_size = 200;
  options.buffer_memory = 4000;
  options.request_timeout = seconds(3);
  Producer producer(story.env(), options);
  std::vector<Delivery> deliveries;
  story.plays(produce(producer, 0, 1, deliveries));
  story.crash_broker(milliseconds(10 + static_cast<std::int64_t>(GetParam()) * 7));
  story.plays(produce(producer, 1, 2000, deliveries));
  Offset last(-1);
  for (const auto& delivery : deliveries) {
    ASSERT_TRUE(delivery.done());
    EXPECT_TRUE(delivery.result()->acknowledged()) << delivery.result()->error->text();
    EXPECT_GT(delivery.result()->offset, last);
    last = delivery.result()->offset;
  }
  auto consuming = options_for<ConsumerOptions>(story);
  consuming.auto_offset_reset = OffsetReset::earliest;
  Consumer consumer(story.env(), consuming);
  consumer.assign({orders0});
  std::vector<std::string> values;
  story.plays(read_all(consumer, 2000, values));
  EXPECT_EQ(values, expected(0, 2000));
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerLoss, testing::Range<std::uint64_t>(1, 6));

TEST(Admin, CreatesGrowsDescribesConfiguresAndDeletesTopics) {
  BrokerStory story;
  Admin admin(story.env(), options_for<ConnectionOptions>(story));
  const auto body = [](Admin& a) -> Task<void> {
    NewTopic topic("orders", 2, 1);
    topic.configs["retention.ms"] = "1000";
    auto made = co_await a.create_topic(topic);
    EXPECT_TRUE(made.has_value()) << made.error().text();
    auto again = co_await a.create_topic(topic);
    EXPECT_EQ(again.error().code(), ErrorCode::topic_already_exists);
    auto grown = co_await a.create_partitions("orders", 5);
    EXPECT_TRUE(grown.has_value()) << grown.error().text();
    auto described = co_await a.describe_topic("orders");
    EXPECT_EQ(described->partitions.size(), 5u);
    auto configs = co_await a.describe_configs(ConfigKind::topic, "orders");
    EXPECT_EQ(configs->at("retention.ms").value, "1000");
    Admin::ConfigChanges changes;
    changes["retention.ms"] = "2000";
    auto altered = co_await a.alter_configs(ConfigKind::topic, "orders", std::move(changes));
    EXPECT_TRUE(altered.has_value()) << altered.error().text();
    configs = co_await a.describe_configs(ConfigKind::topic, "orders");
    EXPECT_EQ(configs->at("retention.ms").value, "2000");
    auto cluster = co_await a.describe_cluster();
    EXPECT_EQ(cluster->brokers.size(), 1u);
    auto gone = co_await a.delete_topic("orders");
    EXPECT_TRUE(gone.has_value()) << gone.error().text();
    auto missing = co_await a.describe_topic("orders");
    EXPECT_EQ(missing.error().code(), ErrorCode::unknown_topic_or_partition);
  };
  story.plays(body(admin));
}

TEST(Admin, DeletesRecordsBeforeAnOffset) {
  BrokerStory story;
  Producer producer(story.env(), options_for<ProducerOptions>(story));
  std::vector<Delivery> deliveries;
  story.plays(produce(producer, 0, 100, deliveries));
  Admin admin(story.env(), options_for<ConnectionOptions>(story));
  const auto body = [](Admin& a) -> Task<void> {
    auto start = co_await a.delete_records(orders0, Offset(40));
    EXPECT_EQ(*start, Offset(40));
  };
  story.plays(body(admin));
}

}  // namespace
}  // namespace trialog::client
