#include "core/broker/fetch_session.h"

#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceResponse;

class Session : public testing::Test {
 protected:
  Session() { story.has_topic("orders", 3); }

  /// A fetch of all three partitions from their beginning.
  static FetchRequest of_all(std::int32_t id, std::int32_t epoch) {
    auto request = fetch_request("orders", 0);
    for (std::int32_t i = 1; i < 3; ++i) {
      auto& wish = request.topics[0].partitions.emplace_back();
      wish.partition = i;
      wish.partition_max_bytes = 1 << 20;
    }
    request.session_id = id;
    request.session_epoch = epoch;
    return request;
  }
  static FetchRequest incremental(std::int32_t id, std::int32_t epoch) {
    auto request = of_all(id, epoch);
    request.topics.clear();
    return request;
  }
  FetchResponse fetched(const FetchRequest& request, std::int16_t version = 11) {
    return client.call<FetchResponse>(request, version);
  }
  static std::size_t partitions_in(const FetchResponse& response) {
    std::size_t count = 0;
    for (const auto& topic : response.responses) count += topic.partitions.size();
    return count;
  }
  void produced(std::int32_t partition) {
    client.call<ProduceResponse>(produce_request("orders", batch_of({"a"}), -1, partition), 7);
  }

  BrokerStory story;
  RawClient client = story.connect();
};

TEST_F(Session, TellsEverythingOnceAndThenOnlyWhatChanged) {
  const auto full = fetched(of_all(0, 0));
  EXPECT_NE(full.session_id, 0);
  EXPECT_EQ(partitions_in(full), 3u);
  const auto quiet = fetched(incremental(full.session_id, 1));
  EXPECT_EQ(quiet.session_id, full.session_id);
  EXPECT_EQ(partitions_in(quiet), 0u);
  produced(1);
  const auto news = fetched(incremental(full.session_id, 2));
  ASSERT_EQ(partitions_in(news), 1u);
  EXPECT_EQ(only_partition(news).partition_index, 1);
  EXPECT_EQ(values_in(only_partition(news).records), std::vector<std::string>{"a"});
}

TEST_F(Session, RemembersNewPositionsAndForgetsPartitions) {
  produced(0);
  produced(1);
  const auto id = fetched(of_all(0, 0)).session_id;
  auto moved = incremental(id, 1);
  moved.topics.emplace_back().topic = "orders";
  auto& wish = moved.topics[0].partitions.emplace_back();
  wish.fetch_offset = 1;
  wish.partition_max_bytes = 1 << 20;
  auto& forgotten = moved.forgotten_topics_data.emplace_back();
  forgotten.topic = "orders";
  forgotten.partitions = {1};
  EXPECT_EQ(partitions_in(fetched(moved)), 0u);
  produced(1);
  EXPECT_EQ(partitions_in(fetched(incremental(id, 2))), 0u);
}

TEST_F(Session, IsKnownByItsIdAndInItsEpochOnly) {
  const auto id = fetched(of_all(0, 0)).session_id;
  EXPECT_EQ(fetched(incremental(id + 1, 1)).error_code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(fetched(incremental(id, 2)).error_code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(fetched(incremental(id, 1)).error_code, ErrorCode::none);
  EXPECT_EQ(fetched(incremental(id, 1)).error_code, ErrorCode::invalid_fetch_session_epoch);
  const auto refused = fetched(incremental(id, -7));
  EXPECT_EQ(refused.error_code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(refused.session_id, 0);
  EXPECT_TRUE(refused.responses.empty());
}

TEST_F(Session, IsEitherByNameOrById) {
  const auto by_name = fetched(of_all(0, 0)).session_id;
  EXPECT_EQ(fetched(incremental(by_name, 1), 13).error_code,
            ErrorCode::fetch_session_topic_id_error);
  auto request = of_all(0, 0);
  request.topics[0].topic_id = story.topic_id("orders");
  const auto by_id = fetched(request, 13).session_id;
  EXPECT_EQ(fetched(incremental(by_id, 1), 12).error_code, ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(fetched(incremental(by_id, 1), 13).error_code, ErrorCode::none);
}

TEST_F(Session, EndsWhenAskedTo) {
  const auto id = fetched(of_all(0, 0)).session_id;
  const auto last = fetched(of_all(id, -1));
  EXPECT_EQ(last.session_id, 0);
  EXPECT_EQ(partitions_in(last), 3u);
  EXPECT_EQ(fetched(incremental(id, 1)).error_code, ErrorCode::fetch_session_id_not_found);
}

TEST_F(Session, ReportsAnErrorEachTimeAndTheRecoveryOnce) {
  const auto id = fetched(of_all(0, 0)).session_id;
  auto beyond = incremental(id, 1);
  beyond.topics.emplace_back().topic = "orders";
  beyond.topics[0].partitions.emplace_back().fetch_offset = 5;
  EXPECT_EQ(only_partition(fetched(beyond)).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(only_partition(fetched(incremental(id, 2))).error_code, ErrorCode::offset_out_of_range);
  auto back = incremental(id, 3);
  back.topics.emplace_back().topic = "orders";
  back.topics[0].partitions.emplace_back().fetch_offset = 0;
  EXPECT_EQ(only_partition(fetched(back)).error_code, ErrorCode::none);
  EXPECT_EQ(partitions_in(fetched(incremental(id, 4))), 0u);
}

// The cache by itself.

std::vector<FetchWish> wishes(std::int32_t count) {
  std::vector<FetchWish> list;
  for (std::int32_t i = 0; i < count; ++i) {
    auto& wish = list.emplace_back();
    wish.key.topic = "orders";
    wish.key.partition = i;
  }
  return list;
}

std::int32_t remembered(FetchSessions& sessions, Instant now, std::int32_t partitions) {
  const std::vector<FetchOutcome> outcomes(static_cast<std::size_t>(partitions));
  return sessions.remember(now, false, wishes(partitions), outcomes);
}

FetchSessions::Request next(std::int32_t id, std::int32_t epoch) {
  FetchSessions::Request request;
  request.session_id = id;
  request.epoch = epoch;
  return request;
}

TEST(FetchSessions, GiveNoSlotWhileYoungOnesHoldThemAll) {
  FetchSessions sessions(2, Random(1));
  const Instant begun{};
  EXPECT_NE(remembered(sessions, begun, 1), 0);
  EXPECT_NE(remembered(sessions, begun, 1), 0);
  EXPECT_EQ(remembered(sessions, begun + seconds(60), 5), 0);
  EXPECT_EQ(sessions.size(), 2u);
}

TEST(FetchSessions, LetTheIdleGoFirst) {
  FetchSessions sessions(2, Random(1));
  const Instant begun{};
  const auto idle = remembered(sessions, begun, 9);
  const auto busy = remembered(sessions, begun, 1);
  ASSERT_TRUE(sessions.begin(begun + seconds(100), next(busy, 1)).has_value());
  EXPECT_NE(remembered(sessions, begun + seconds(121), 1), 0);
  EXPECT_FALSE(sessions.begin(begun + seconds(121), next(idle, 1)).has_value());
  EXPECT_TRUE(sessions.begin(begun + seconds(121), next(busy, 2)).has_value());
}

TEST(FetchSessions, LetTheSmallerGoForALargerOne) {
  FetchSessions sessions(2, Random(1));
  const Instant begun{};
  const auto small = remembered(sessions, begun, 2);
  const auto large = remembered(sessions, begun, 8);
  const auto later = begun + seconds(200);
  ASSERT_TRUE(sessions.begin(later, next(small, 1)).has_value());
  ASSERT_TRUE(sessions.begin(later, next(large, 1)).has_value());
  EXPECT_EQ(remembered(sessions, later, 2), 0);  // Not larger than the smallest.
  EXPECT_NE(remembered(sessions, later, 3), 0);
  EXPECT_FALSE(sessions.begin(later, next(small, 2)).has_value());
  EXPECT_TRUE(sessions.begin(later, next(large, 2)).has_value());
}

TEST(FetchSessions, GoBackToEpochOneAfterTheLast) {
  FetchSession last(1, false, Instant{}, 2147483647);
  last.begin_next_epoch();
  EXPECT_EQ(last.epoch(), 1);
}

TEST(FetchSessions, ServeThoseThatGotRecordsLast) {
  FetchSession session(1, false, Instant{});
  session.update(wishes(3), {});
  FetchOutcome got;
  got.bytes = 10;
  session.must_tell(wishes(1)[0].key, got);
  std::vector<std::int32_t> order;
  for (const auto& wish : session.wishes()) order.push_back(wish.key.partition);
  EXPECT_EQ(order, (std::vector<std::int32_t>{1, 2, 0}));
}

}  // namespace
}  // namespace trialog::broker
