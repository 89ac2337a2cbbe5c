#include "core/client/consumer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/records/build.h"
#include "tests/unit/client/client_story.h"

namespace trialog::client {
namespace {

constexpr std::int16_t fetch_api = 1;
constexpr std::int16_t list_offsets_api = 2;
const TopicPartition orders0("orders", 0);
const TopicPartition orders1("orders", 1);

/// What a consumer got: values, and the error that ended it.
struct Read {
  std::vector<std::string> values;
  std::vector<ConsumedRecord> records;
  std::optional<ClientError> error;
};

/// Polls until `count` more records are there, an error comes, or `patience` is over.
Task<void> read(Consumer& consumer, Env& env, std::size_t count, Read& into,
                Duration patience = seconds(5)) {
  const auto deadline = env.clock.now() + patience;
  const auto enough = into.values.size() + count;
  while (into.values.size() < enough && env.clock.now() < deadline) {
    auto polled = co_await consumer.poll(deadline);
    if (!polled) {
      into.error = polled.error();
      co_return;
    }
    for (auto& record : *polled) {
      into.values.emplace_back(record.value->text());
      into.records.push_back(std::move(record));
    }
  }
}

TEST(Consumer, ReadsFromTheBeginningInOrder) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 1200));
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 1200, got));
  EXPECT_EQ(got.values, numbered_values("v", 1200));
  EXPECT_EQ(got.records[7].offset, Offset(7));
  EXPECT_EQ(got.records[7].key->text(), "key");
  EXPECT_EQ(got.records[7].timestamp, wall_time(1007));
  EXPECT_EQ(got.records[7].leader_epoch, Epoch(0));
}

TEST(Consumer, ReadsWhatComesLater) {
  ClientStory story;
  story.given("orders", 0, {"old"});
  auto options = story.consumer();
  options.auto_offset_reset = OffsetReset::latest;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 1, got, seconds(2)));
  EXPECT_TRUE(got.values.empty());
  story.given("orders", 0, {"new"});
  story.plays(read(consumer, story.env(), 1, got));
  EXPECT_EQ(got.values, std::vector<std::string>{"new"});
}

TEST(Consumer, SeeksToAnOffset) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 10));
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  consumer.seek(orders0, Offset(7));
  Read got;
  story.plays(read(consumer, story.env(), 3, got));
  EXPECT_EQ(got.values, (std::vector<std::string>{"v7", "v8", "v9"}));
  // And back, over what has been fetched meanwhile.
  consumer.seek(orders0, Offset(2));
  got.values.clear();
  story.plays(read(consumer, story.env(), 8, got));
  EXPECT_EQ(got.values.front(), "v2");
  EXPECT_EQ(got.values.size(), 8u);
}

TEST(Consumer, SeeksIntoTheMiddleOfABatch) {
  ClientStory story;
  records::BatchBuilder builder(records::BatchOptions{.codec = records::Codec::zstd});
  for (int i = 0; i < 10; ++i) builder.add(wall_time(1000 + i), "k", "v" + std::to_string(i));
  Offset base;
  story.broker.topics["orders"].resize(1);
  story.broker.topics["orders"][0].append(builder.build(), base);
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  consumer.seek(orders0, Offset(8));
  Read got;
  story.plays(read(consumer, story.env(), 2, got));
  EXPECT_EQ(got.values, (std::vector<std::string>{"v8", "v9"}));
}

TEST(Consumer, SeeksToBeginningAndEnd) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 5));
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  consumer.seek_to_end({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 1, got, seconds(1)));
  EXPECT_TRUE(got.values.empty());
  EXPECT_EQ(consumer.known_position(orders0), Offset(5));
  consumer.seek_to_beginning({orders0});
  story.plays(read(consumer, story.env(), 5, got));
  EXPECT_EQ(got.values, numbered_values("v", 5));
}

TEST(Consumer, SeeksToATime) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 10), wall_time(5000));
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  const auto seek = [](Consumer& c, WallTime when) -> Task<void> {
    std::vector<TopicPartition> all = c.assignment();
    auto sought = co_await c.seek_to_time(std::move(all), when);
    EXPECT_TRUE(sought.has_value());
  };
  story.plays(seek(consumer, wall_time(5006)));
  Read got;
  story.plays(read(consumer, story.env(), 4, got));
  EXPECT_EQ(got.values, (std::vector<std::string>{"v6", "v7", "v8", "v9"}));
  // Later than all records is the end.
  story.plays(seek(consumer, wall_time(9999)));
  story.given("orders", 0, {"late"});
  got.values.clear();
  story.plays(read(consumer, story.env(), 1, got));
  EXPECT_EQ(got.values, std::vector<std::string>{"late"});
}

TEST(Consumer, TellsOffsetsWithoutMoving) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 10), wall_time(5000));
  story.given("orders", 1, {});
  story.broker.topics["orders"][0].start = Offset(3);
  Consumer consumer(story.env(), story.consumer());
  const auto body = [](Consumer& c) -> Task<void> {
    std::vector<TopicPartition> both{orders0, orders1};
    auto beginning = co_await c.beginning_offsets(both);
    auto end = co_await c.end_offsets(both);
    Consumer::Times times{{orders0, wall_time(5004)}, {orders1, wall_time(5004)}};
    auto timed = co_await c.offsets_for_times(std::move(times));
    EXPECT_EQ(beginning->at(orders0), Offset(3));
    EXPECT_EQ(end->at(orders0), Offset(10));
    EXPECT_EQ(end->at(orders1), Offset(0));
    EXPECT_EQ(timed->at(orders0)->offset, Offset(4));
    EXPECT_EQ(timed->at(orders0)->timestamp, wall_time(5004));
    EXPECT_FALSE(timed->at(orders1).has_value());
  };
  story.plays(body(consumer));
}

TEST(Consumer, HoldsBackWhatIsPaused) {
  ClientStory story;
  story.given("orders", 0, numbered_values("a", 3));
  story.given("orders", 1, numbered_values("b", 3));
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0, orders1});
  consumer.pause({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 6, got, seconds(2)));
  EXPECT_EQ(got.values, numbered_values("b", 3));
  EXPECT_EQ(consumer.paused(), std::vector<TopicPartition>{orders0});
  consumer.resume({orders0});
  got.values.clear();
  story.plays(read(consumer, story.env(), 3, got));
  EXPECT_EQ(got.values, numbered_values("a", 3));
}

TEST(Consumer, PausingKeepsWhatWasFetchedAhead) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 1000));
  auto options = story.consumer();
  options.max_poll_records = 10;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 10, got));
  consumer.pause({orders0});
  story.plays(read(consumer, story.env(), 10, got, seconds(2)));
  EXPECT_EQ(got.values.size(), 10u);
  consumer.resume({orders0});
  story.plays(read(consumer, story.env(), 990, got));
  EXPECT_EQ(got.values, numbered_values("v", 1000));
}

TEST(Consumer, ResetsAPositionThatTheLogNoLongerHas) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 10));
  story.broker.topics["orders"][0].start = Offset(4);
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  consumer.seek(orders0, Offset(1));
  Read got;
  story.plays(read(consumer, story.env(), 6, got));
  EXPECT_EQ(got.values.front(), "v4");
  EXPECT_EQ(got.values.size(), 6u);
}

TEST(Consumer, WithoutAResetFailsOutOfRangeUntilItSeeks) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 3));
  auto options = story.consumer();
  options.auto_offset_reset = OffsetReset::none;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 1, got));
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->code(), ErrorCode::offset_out_of_range);
  consumer.seek(orders0, Offset(99));
  for (int i = 0; i < 2; ++i) {
    got.error.reset();
    story.plays(read(consumer, story.env(), 1, got));
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code(), ErrorCode::offset_out_of_range);
  }
  got.error.reset();
  consumer.seek(orders0, Offset(1));
  story.plays(read(consumer, story.env(), 2, got));
  EXPECT_FALSE(got.error);
  EXPECT_EQ(got.values, (std::vector<std::string>{"v1", "v2"}));
}

TEST(Consumer, TellsOfADamagedBatchAfterWhatStandsBeforeIt) {
  ClientStory story;
  story.given("orders", 0, numbered_values("v", 3));
  auto& log = story.broker.topics["orders"][0].log;
  auto damaged = Bytes::copy_of(log[1].bytes().view());
  auto* last = const_cast<std::byte*>(damaged.data()) + damaged.size() - 3;
  *last ^= std::byte(1);
  log[1] = *records::Batch::trusted(damaged);
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 3, got));
  EXPECT_EQ(got.values, std::vector<std::string>{"v0"});
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->code(), ErrorCode::corrupt_message);
  EXPECT_EQ(consumer.known_position(orders0), Offset(1));
  got.error.reset();
  consumer.seek(orders0, Offset(2));
  story.plays(read(consumer, story.env(), 1, got));
  EXPECT_EQ(got.values.back(), "v2");
}

TEST(Consumer, SkipsControlBatchesAndMovesBehindThem) {
  ClientStory story;
  story.given("orders", 0, {"v0"});
  records::BatchOptions options;
  options.producer_id = ProducerId(5);
  options.producer_epoch = 0;
  options.transactional = options.control = true;
  records::BatchBuilder marker(options);
  marker.add(wall_time(1), std::string_view("\0\0\0\1", 4), std::string_view("\0\0\0\0\0\0", 6));
  auto batch = marker.build();
  auto& partition = story.broker.topics["orders"][0];
  batch.place(partition.end, Epoch(0));
  partition.end = batch.end();
  partition.log.push_back(batch);
  Consumer consumer(story.env(), story.consumer());
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 2, got, seconds(2)));
  EXPECT_EQ(got.values, std::vector<std::string>{"v0"});
  EXPECT_EQ(consumer.known_position(orders0), Offset(2));
}

TEST(Consumer, FetchesAheadOfPollButNotWithoutBounds) {
  ClientStory story;
  story.given("orders", 0, numbered_values(std::string(100, 'x'), 2000));
  auto options = story.consumer();
  options.max_partition_fetch_bytes = 20000;
  options.max_poll_records = 1;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 1, got));
  story.plays(story.env().clock.sleep(seconds(5)));
  EXPECT_EQ(story.broker.count(fetch_api), 2u);
  story.plays(read(consumer, story.env(), 1999, got, seconds(100)));
  EXPECT_EQ(got.values, numbered_values(std::string(100, 'x'), 2000));
}

class FaultyFetches : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FaultyFetches, SkipNothingAndRepeatNothing) {
  ClientStory story(GetParam());
  story.given("orders", 0, numbered_values("a", 200));
  story.given("orders", 1, numbered_values("b", 200));
  Random random(GetParam());
  story.broker.script = [&random](const Asked& asked) {
    Order order;
    if (asked.api != fetch_api && asked.api != list_offsets_api) return order;
    const auto dice = random.below(8);
    if (dice == 0) order.act = Act::hang_up;
    if (dice == 1) order.act = Act::serve_and_hang_up;
    if (dice == 2) order.act = Act::refuse, order.error = ErrorCode::not_leader_or_follower;
    if (dice == 3) order.act = Act::refuse, order.error = ErrorCode::unknown_server_error;
    return order;
  };
  auto options = story.consumer();
  options.max_partition_fetch_bytes = 1000;
  options.max_poll_records = 7;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0, orders1});
  Read got;
  for (int i = 0; i < 400 && got.values.size() < 400; ++i) {
    story.plays(read(consumer, story.env(), 400 - got.values.size(), got, seconds(60)));
  }
  std::vector<std::string> first, second;
  for (const auto& record : got.records) {
    auto& values = record.partition == orders0 ? first : second;
    values.emplace_back(record.value->text());
  }
  EXPECT_EQ(first, numbered_values("a", 200));
  EXPECT_EQ(second, numbered_values("b", 200));
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultyFetches, testing::Range<std::uint64_t>(1, 21));

/// Somebody else leads while the broker of the story is still busy with its first fetch. Both have
/// v0 to v4 from epoch 0; the next leader also has v5 to v9 from epoch 1.
class LateAnswers : public testing::Test {
 protected:
  LateAnswers() {
    next.id = NodeId(2);
    next.endpoint = Endpoint("next", 9092);
    story.datacenter.machine("next").start([this](Env env) { return fake_broker(env, next); });
    story.given("orders", 0, numbered_values("v", 5));
    auto common = story.broker.topics;
    story.broker.topics["orders"][0].epoch = Epoch(1);
    story.given("orders", 0, {"v5", "v6", "v7", "v8", "v9"});
    next.topics = std::exchange(story.broker.topics, std::move(common));
    story.broker.script = [this](const Asked& asked) { return late(asked); };
  }

  Order late(const Asked& asked) {
    Order order;
    if (asked.api != fetch_api) return order;
    order.after = seconds(1);
    story.broker.leader = next.leader = &next;
    story.broker.leader_epoch = next.leader_epoch = Epoch(1);
    return order;
  }

  /// All that is handed out in five seconds, from the beginning or from `sought`.
  std::vector<std::string> reads(std::optional<Offset> sought = std::nullopt) {
    auto options = story.consumer();
    options.metadata_max_age = milliseconds(100);
    Consumer consumer(story.env(), options);
    consumer.assign({orders0});
    if (sought) consumer.seek(orders0, *sought);
    Read got;
    story.plays(read(consumer, story.env(), 100, got));
    EXPECT_FALSE(got.error);
    return got.values;
  }

  FakeState next;  // Outlives the machines of the story.
  ClientStory story;
};

TEST_F(LateAnswers, DoNotBringBackAnOlderEpoch) { EXPECT_EQ(reads(), numbered_values("v", 10)); }

TEST_F(LateAnswers, DoNotResetAPositionThatHasMovedOn) {
  EXPECT_EQ(reads(Offset(7)), (std::vector<std::string>{"v7", "v8", "v9"}));
}

TEST_F(LateAnswers, AreNotForAPositionThatIsBeingReset) {
  next.topics["orders"][0].start = Offset(8);
  next.script = [](const Asked& asked) {
    Order order;
    if (asked.api == list_offsets_api) order.after = seconds(2);
    return order;
  };
  EXPECT_EQ(reads(Offset(3)), (std::vector<std::string>{"v8", "v9"}));
}

TEST(Consumer, ReassignedKeepsPositionsOfWhatStays) {
  ClientStory story;
  story.given("orders", 0, numbered_values("a", 4));
  story.given("orders", 1, numbered_values("b", 4));
  auto options = story.consumer();
  options.max_poll_records = 2;
  Consumer consumer(story.env(), options);
  consumer.assign({orders0});
  Read got;
  story.plays(read(consumer, story.env(), 2, got));
  consumer.assign({orders0, orders1});
  story.plays(read(consumer, story.env(), 6, got));
  EXPECT_EQ(got.values.size(), 8u);
  EXPECT_EQ(std::ranges::count(got.values, "a1"), 1);
  EXPECT_EQ(std::ranges::count(got.values, "b3"), 1);
}

}  // namespace
}  // namespace trialog::client
