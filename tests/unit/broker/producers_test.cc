#include "core/protocol/messages/describe_producers.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;

class DescribeProducers : public testing::Test {
 protected:
  DescribeProducers() { story.has_topic("orders", 2); }

  void sent(std::int64_t producer, std::int16_t epoch, std::int32_t sequence) {
    records::BatchOptions options;
    options.producer_id = ProducerId(producer);
    options.producer_epoch = epoch;
    options.base_sequence = sequence;
    const auto request = produce_request("orders", batch_of({"a", "b"}, options));
    const auto response = client.call<protocol::ProduceResponse>(request, 7);
    ASSERT_EQ(only_partition(response).error_code, ErrorCode::none);
  }
  DescribeProducersResponse::PartitionResponse described(const std::string& topic,
                                                         std::int32_t partition = 0) {
    DescribeProducersRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.partition_indexes = {partition};
    const auto response = client.call<DescribeProducersResponse>(request, 0);
    EXPECT_EQ(response.topics.at(0).name, topic);
    EXPECT_EQ(response.topics[0].partitions.at(0).partition_index, partition);
    return response.topics[0].partitions[0];
  }

  BrokerStory story;
  RawClient client = story.connect();
};

TEST_F(DescribeProducers, TellsTheNewestOfEach) {
  sent(9, 0, 0);
  sent(4, 3, 0);
  sent(4, 3, 2);
  for (int round = 0; round < 2; ++round) {
    const auto partition = described("orders");
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    EXPECT_FALSE(partition.error_message.has_value());
    ASSERT_EQ(partition.active_producers.size(), 2u);
    const auto& producer = partition.active_producers[0];
    EXPECT_EQ(producer.producer_id, 4);
    EXPECT_EQ(producer.producer_epoch, 3);
    EXPECT_EQ(producer.last_sequence, 3);
    EXPECT_EQ(producer.last_timestamp, 1'700'000'000'000);
    EXPECT_EQ(producer.coordinator_epoch, -1);
    EXPECT_EQ(producer.current_txn_start_offset, -1);
    EXPECT_EQ(partition.active_producers[1].producer_id, 9);
    EXPECT_EQ(partition.active_producers[1].last_sequence, 1);
    client.close();
    story.crashes();  // And tells the same afterwards.
    client = story.connect();
  }
}

TEST_F(DescribeProducers, TellsNoneWhereNobodyWroteWithAnId) {
  const auto request = produce_request("orders", batch_of({"a"}));
  client.call<protocol::ProduceResponse>(request, 7);
  EXPECT_EQ(described("orders").error_code, ErrorCode::none);
  EXPECT_TRUE(described("orders").active_producers.empty());
  EXPECT_TRUE(described("orders", 1).active_producers.empty());
}

TEST_F(DescribeProducers, AnswersEachPartitionOnItsOwn) {
  sent(4, 0, 0);
  DescribeProducersRequest request;
  EXPECT_TRUE(client.call<DescribeProducersResponse>(request, 0).topics.empty());
  request.topics.emplace_back().name = "orders";
  request.topics[0].partition_indexes = {0, 7, 0};
  request.topics.emplace_back().name = "nothing asked";
  const auto response = client.call<DescribeProducersResponse>(request, 0);
  ASSERT_EQ(response.topics.size(), 2u);
  ASSERT_EQ(response.topics[0].partitions.size(), 3u);
  EXPECT_EQ(response.topics[0].partitions[0].active_producers.size(), 1u);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(response.topics[0].partitions[2].active_producers.size(), 1u);
  EXPECT_TRUE(response.topics[1].partitions.empty());
}

TEST_F(DescribeProducers, NeedsATopicAndAPartitionThatExist) {
  EXPECT_EQ(described("nowhere").error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(described("").error_code, ErrorCode::unknown_topic_or_partition);
  for (const std::int32_t partition : {2, -1, 2147483647}) {
    EXPECT_EQ(described("orders", partition).error_code, ErrorCode::unknown_topic_or_partition);
  }
}

TEST_F(DescribeProducers, TellsWhenTheDiskHasFailed) {
  story.machine().volume().faults.arm(sim::DiskFault::write_error, "orders-0");
  client.call<protocol::ProduceResponse>(produce_request("orders", batch_of({"a"})), 7);
  EXPECT_EQ(described("orders").error_code, ErrorCode::kafka_storage_error);
  EXPECT_TRUE(described("orders").active_producers.empty());
}

}  // namespace
}  // namespace trialog::broker
