#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceResponse;
using PartitionData = FetchResponse::PartitionData;

class Fetch : public testing::Test {
 protected:
  Fetch() { story.has_topic("orders", 2); }

  void produced(std::vector<std::string> values, std::int32_t partition = 0) {
    const auto response = client.call<ProduceResponse>(
        produce_request("orders", batch_of(std::move(values)), -1, partition), 7);
    ASSERT_EQ(only_partition(response).error_code, ErrorCode::none);
  }
  PartitionData fetched(const FetchRequest& request, std::int16_t version = 11) {
    return only_partition(client.call<FetchResponse>(request, version));
  }
  sim::Moment now() { return story.world().now(); }

  BrokerStory story;
  RawClient client = story.connect();
};

TEST_F(Fetch, WorksInEveryVersionThatIsServed) {
  produced({"a", "b"});
  for (std::int16_t version = 4; version <= 18; ++version) {
    auto request = fetch_request("orders", 0);
    if (version >= 13) request.topics[0].topic_id = story.topic_id("orders");
    const auto data = fetched(request, version);
    EXPECT_EQ(data.error_code, ErrorCode::none) << version;
    EXPECT_EQ(data.high_watermark, 2);
    EXPECT_EQ(data.last_stable_offset, 2);
    EXPECT_EQ(values_in(data.records), (std::vector<std::string>{"a", "b"}));
  }
}

TEST_F(Fetch, AtTheEndWaitsAndIsEmpty) {
  auto request = fetch_request("orders", 0);
  request.max_wait_ms = 700;
  const auto begun = now();
  const auto data = fetched(request);
  EXPECT_EQ(data.error_code, ErrorCode::none);
  EXPECT_TRUE(values_in(data.records).empty());
  EXPECT_GE(now() - begun, milliseconds(700));
  EXPECT_LT(now() - begun, milliseconds(800));
}

TEST_F(Fetch, IsWokenByWhatComes) {
  auto request = fetch_request("orders", 0);
  request.topics[0].partitions.emplace_back().partition = 1;
  request.topics[0].partitions[1].partition_max_bytes = 1 << 20;
  request.max_wait_ms = 30'000;
  auto consumer = story.connect();
  const auto asked = consumer.ask(request, 11);
  story.pass(milliseconds(100));
  const auto begun = now();
  produced({"late"}, 1);
  const auto response = consumer.answer<FetchResponse>(asked, 11);
  EXPECT_LT(now() - begun, milliseconds(100));
  ASSERT_EQ(response.responses[0].partitions.size(), 2u);
  EXPECT_EQ(values_in(response.responses[0].partitions[1].records),
            std::vector<std::string>{"late"});
}

TEST_F(Fetch, WaitsForAsManyBytesAsItAsksFor) {
  auto request = fetch_request("orders", 0);
  request.max_wait_ms = 5'000;
  request.min_bytes = 250;
  auto consumer = story.connect();
  const auto asked = consumer.ask(request, 11);
  produced({std::string(100, 'a')});
  EXPECT_FALSE(consumer.receive(milliseconds(1'000)).has_value());
  produced({std::string(100, 'b')});
  const auto response = consumer.answer<FetchResponse>(asked, 11, milliseconds(1'000));
  EXPECT_EQ(values_in(only_partition(response).records).size(), 2u);
}

TEST_F(Fetch, GivesAWholeBatchHoweverLittleItMayTake) {
  produced({std::string(5000, 'a')});
  produced({std::string(5000, 'b')});
  auto request = fetch_request("orders", 0);
  request.max_bytes = 1;
  request.topics[0].partitions[0].partition_max_bytes = 1;
  EXPECT_EQ(values_in(fetched(request).records).size(), 1u);
}

TEST_F(Fetch, GivesTheRestNoMoreThanItsLimits) {
  for (int i = 0; i < 10; ++i) produced({std::string(1000, 'a')}, 0);
  for (int i = 0; i < 10; ++i) produced({std::string(1000, 'b')}, 1);
  auto request = fetch_request("orders", 0);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  request.topics[0].partitions[1].partition = 1;
  request.topics[0].partitions[0].partition_max_bytes = 3500;
  request.max_bytes = 6000;
  const auto both = client.call<FetchResponse>(request, 11).responses[0].partitions;
  EXPECT_EQ(values_in(both[0].records).size(), 3u);
  EXPECT_EQ(values_in(both[1].records).size(), 2u);
  request.max_bytes = 500;
  const auto first = client.call<FetchResponse>(request, 11).responses[0].partitions;
  EXPECT_EQ(values_in(first[0].records).size(), 1u);
  EXPECT_EQ(values_in(first[1].records).size(), 0u);
}

TEST_F(Fetch, OutsideTheLogIsRefusedAtOnce) {
  produced({"a", "b"});
  for (const std::int64_t offset : {std::int64_t{3}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    auto request = fetch_request("orders", offset);
    request.max_wait_ms = 30'000;
    const auto begun = now();
    const auto data = fetched(request);
    EXPECT_EQ(data.error_code, ErrorCode::offset_out_of_range) << offset;
    EXPECT_EQ(data.high_watermark, -1);
    EXPECT_LT(now() - begun, seconds(1));
  }
  EXPECT_EQ(fetched(fetch_request("orders", 2)).error_code, ErrorCode::none);
}

TEST_F(Fetch, OfWhatDoesNotExistSaysSo) {
  EXPECT_EQ(fetched(fetch_request("nowhere", 0)).error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(fetched(fetch_request("orders", 0, 2)).error_code,
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(fetched(fetch_request("orders", 0, -1)).error_code,
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(fetched(fetch_request("", 0), 13).error_code, ErrorCode::unknown_topic_id);
}

TEST_F(Fetch, ChecksWhichLeaderTheClientBelievesIn) {
  const auto epoch = story.node().replicas().find("orders", 0)->leader_epoch.value;
  auto request = fetch_request("orders", 0);
  auto& believed = request.topics[0].partitions[0].current_leader_epoch;
  believed = epoch + 1;
  EXPECT_EQ(fetched(request).error_code, ErrorCode::unknown_leader_epoch);
  believed = epoch;
  EXPECT_EQ(fetched(request).error_code, ErrorCode::none);
  story.restarts();  // Which begins a new epoch.
  client = story.connect();
  EXPECT_EQ(fetched(request).error_code, ErrorCode::fenced_leader_epoch);
}

TEST_F(Fetch, TellsAClientWhereItsLogLeavesOurs) {
  produced({"a", "b"});
  const auto epoch = story.node().replicas().find("orders", 0)->leader_epoch.value;
  story.restarts();
  client = story.connect();
  produced({"c"});
  auto request = fetch_request("orders", 3);
  request.topics[0].partitions[0].last_fetched_epoch = epoch;
  const auto data = fetched(request, 12);
  EXPECT_EQ(data.error_code, ErrorCode::none);
  EXPECT_EQ(data.diverging_epoch.epoch, epoch);
  EXPECT_EQ(data.diverging_epoch.end_offset, 2);
  request.topics[0].partitions[0].fetch_offset = 2;
  EXPECT_EQ(values_in(fetched(request, 12).records), std::vector<std::string>{"c"});
}

TEST_F(Fetch, ListsAbortedTransactionsOnlyForThoseWhoReadCommitted) {
  produced({"a"});
  auto request = fetch_request("orders", 0);
  EXPECT_FALSE(fetched(request).aborted_transactions.has_value());
  request.isolation_level = 1;
  const auto committed = fetched(request);
  ASSERT_TRUE(committed.aborted_transactions.has_value());
  EXPECT_TRUE(committed.aborted_transactions->empty());
  EXPECT_EQ(values_in(committed.records), std::vector<std::string>{"a"});
}

TEST_F(Fetch, ParkedOnATopicThatIsDeletedEnds) {
  auto request = fetch_request("orders", 0);
  request.max_wait_ms = 30'000;
  auto consumer = story.connect();
  const auto asked = consumer.ask(request, 11);
  story.pass(milliseconds(10));
  story.has_topic("other");
  story.deletes("orders");
  const auto response = consumer.answer<FetchResponse>(asked, 11, seconds(5));
  EXPECT_NE(only_partition(response).error_code, ErrorCode::none);
}

TEST_F(Fetch, OfZstdTopicsNeedsVersionTen) {
  story.has_topic("packed", 1, {{"compression.type", "zstd"}});
  client.call<ProduceResponse>(produce_request("packed", batch_of({"a"})), 7);
  EXPECT_EQ(fetched(fetch_request("packed", 0), 9).error_code,
            ErrorCode::unsupported_compression_type);
  EXPECT_EQ(values_in(fetched(fetch_request("packed", 0), 10).records),
            std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace trialog::broker
