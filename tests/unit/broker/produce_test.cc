#include "core/base/crc32c.h"
#include "core/base/cursor.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/init_producer_id.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartitionResponse = ProduceResponse::PartitionProduceResponse;

class Produce : public testing::Test {
 protected:
  Produce() { story.has_topic("orders"); }

  PartitionResponse sent(const ProduceRequest& request, std::int16_t version = 9) {
    return only_partition(client.call<ProduceResponse>(request, version));
  }
  PartitionResponse sent(Bytes records, std::int16_t version = 9) {
    return sent(produce_request("orders", std::move(records)), version);
  }
  std::vector<std::string> log(std::int64_t from = 0) {
    return values_in(
        only_partition(client.call<FetchResponse>(fetch_request("orders", from), 11)).records);
  }

  BrokerStory story;
  RawClient client = story.connect();
};

/// The batch with the byte at `at` turned, and its CRC made to fit if asked for.
Bytes damaged(Bytes batch, std::size_t at, bool fix_crc = false) {
  std::vector<std::byte> bytes(batch.view().begin(), batch.view().end());
  bytes[at] ^= std::byte{1};
  if (fix_crc) {
    const auto crc = crc32c(std::span(bytes).subspan(21));
    for (std::size_t i = 0; i < 4; ++i) bytes[17 + i] = std::byte((crc >> (8 * (3 - i))) & 255);
  }
  return Bytes(std::move(bytes));
}

Bytes twice(Bytes batch) {
  Buffer buffer(2 * batch.size());
  buffer.append(batch.view());
  buffer.append(batch.view());
  return buffer.slice(0, buffer.size());
}

TEST_F(Produce, WorksInEveryVersionThatIsServed) {
  for (std::int16_t version = 3; version <= 13; ++version) {
    auto request = produce_request("orders", batch_of({"v" + std::to_string(version)}));
    if (version >= 13) request.topic_data[0].topic_id = story.topic_id("orders");
    const auto response = sent(request, version);
    EXPECT_EQ(response.error_code, ErrorCode::none) << version;
    EXPECT_EQ(response.base_offset, version - 3);
    EXPECT_EQ(response.log_append_time_ms, -1);
  }
  EXPECT_EQ(log().size(), 11u);
}

TEST_F(Produce, WithoutAcksIsNotAnsweredButDone) {
  client.ask(produce_request("orders", batch_of({"a"}), 0), 7);
  client.ask(produce_request("orders", batch_of({"b"}), 0), 7);
  const auto versions = client.ask(protocol::ApiVersionsRequest(), 0);
  client.answer<protocol::ApiVersionsResponse>(versions, 0);
  story.pass(seconds(1));
  EXPECT_EQ(log(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Produce, WithoutAcksTellsAnErrorByClosing) {
  client.ask(produce_request("nowhere", batch_of({"a"}), 0), 7);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Produce, TakesNoOtherAcksThanKafka) {
  for (const std::int16_t acks : {2, -2, 127, -128}) {
    const auto response = sent(produce_request("orders", batch_of({"a"}), acks));
    EXPECT_EQ(response.error_code, ErrorCode::invalid_required_acks) << acks;
    EXPECT_EQ(response.base_offset, -1);
  }
  EXPECT_EQ(sent(produce_request("nowhere", batch_of({"a"}), 2)).error_code,
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(sent(produce_request("orders", batch_of({"a"}), 1)).base_offset, 0);
}

TEST_F(Produce, NeedsATopicAndAPartitionThatExist) {
  EXPECT_EQ(sent(produce_request("nowhere", batch_of({"a"}))).error_code,
            ErrorCode::unknown_topic_or_partition);
  for (const std::int32_t partition : {1, -1, 2147483647}) {
    EXPECT_EQ(sent(produce_request("orders", batch_of({"a"}), -1, partition)).error_code,
              ErrorCode::unknown_topic_or_partition);
  }
  auto by_id = produce_request("", batch_of({"a"}));
  by_id.topic_data[0].topic_id = Uuid::parse("AAAAAAAAAAAAAAAAAAAABQ").value();
  EXPECT_EQ(sent(by_id, 13).error_code, ErrorCode::unknown_topic_id);
}

TEST_F(Produce, RefusesInternalTopicsButToTheAdministrator) {
  story.has_topic("__consumer_offsets");
  const auto request = produce_request("__consumer_offsets", batch_of({"a"}));
  EXPECT_EQ(sent(request).error_code, ErrorCode::invalid_topic_exception);
  client.client_id = "__admin_client";
  EXPECT_EQ(sent(request).error_code, ErrorCode::none);
}

TEST_F(Produce, RefusesBatchesThatAreNotWhatTheySay) {
  const auto batch = batch_of({"a", "b"});
  EXPECT_EQ(sent(damaged(batch, batch.size() - 1)).error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(sent(damaged(batch, 17)).error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(sent(damaged(batch, 16)).error_code, ErrorCode::invalid_record);        // Magic 3.
  EXPECT_EQ(sent(damaged(batch, 60, true)).error_code, ErrorCode::invalid_record);  // 3 records.
  EXPECT_EQ(sent(damaged(batch, 26, true)).error_code, ErrorCode::invalid_record);  // Last delta.
  EXPECT_EQ(sent(damaged(batch, 22, true)).error_code, ErrorCode::invalid_record);  // "gzip".
  EXPECT_EQ(sent(twice(batch)).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(sent(Bytes()).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(sent(batch.slice(0, 40)).error_code, ErrorCode::corrupt_message);
  EXPECT_TRUE(log().empty());
  auto null = produce_request("orders", batch);
  null.topic_data[0].partition_data[0].records.reset();
  EXPECT_EQ(sent(null).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(sent(batch).base_offset, 0);
}

TEST_F(Produce, RefusesWhatIsTooLarge) {
  story.has_topic("small", 1, {{"max.message.bytes", "200"}});
  EXPECT_EQ(sent(produce_request("small", batch_of({std::string(200, 'x')}))).error_code,
            ErrorCode::message_too_large);
  EXPECT_EQ(sent(produce_request("small", batch_of({"x"}))).error_code, ErrorCode::none);
}

TEST_F(Produce, TakesZstdSinceVersionSeven) {
  records::BatchOptions zstd;
  zstd.codec = records::Codec::zstd;
  EXPECT_EQ(sent(batch_of({"a"}, zstd), 6).error_code, ErrorCode::unsupported_compression_type);
  EXPECT_EQ(sent(batch_of({"a"}, zstd), 7).error_code, ErrorCode::none);
  EXPECT_EQ(log(), std::vector<std::string>{"a"});
}

TEST_F(Produce, NamesTheRecordsThatAreWrong) {
  story.has_topic("keyed", 1, {{"cleanup.policy", "compact"}});
  const auto response = sent(produce_request("keyed", batch_of({"a", "b"})));
  EXPECT_EQ(response.error_code, ErrorCode::invalid_record);
  ASSERT_EQ(response.record_errors.size(), 2u);
  EXPECT_EQ(response.record_errors[1].batch_index, 1);
  EXPECT_TRUE(response.error_message.has_value());
  // Older versions have no place for it.
  EXPECT_EQ(sent(produce_request("keyed", batch_of({"a"})), 7).error_code,
            ErrorCode::invalid_record);
}

TEST_F(Produce, TellsTheTimeOfAppendingWhereTheTopicAsksForIt) {
  story.has_topic("stamped", 1, {{"message.timestamp.type", "LogAppendTime"}});
  const auto response = sent(produce_request("stamped", batch_of({"a"})));
  EXPECT_GT(response.log_append_time_ms, 0);
  const auto fetched = client.call<FetchResponse>(fetch_request("stamped", 0), 11);
  auto batch = records::Batch::parse(RawClient::flat(*only_partition(fetched).records));
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->is_append_time());
  EXPECT_EQ(to_ms(batch->max_timestamp()), response.log_append_time_ms);
}

TEST_F(Produce, AnswersARepeatedBatchWithItsFirstOffset) {
  records::BatchOptions options;
  options.producer_id = ProducerId(7);
  options.producer_epoch = 0;
  options.base_sequence = 0;
  EXPECT_EQ(sent(batch_of({"a", "b"}, options)).base_offset, 0);
  options.base_sequence = 2;
  EXPECT_EQ(sent(batch_of({"c"}, options)).base_offset, 2);
  options.base_sequence = 0;
  EXPECT_EQ(sent(batch_of({"a", "b"}, options)).base_offset, 0);
  options.base_sequence = 5;
  EXPECT_EQ(sent(batch_of({"x"}, options)).error_code, ErrorCode::out_of_order_sequence_number);
  options.producer_epoch = 1;
  options.base_sequence = 0;
  EXPECT_EQ(sent(batch_of({"d"}, options)).base_offset, 3);
  options.producer_epoch = 0;
  EXPECT_EQ(sent(batch_of({"e"}, options)).error_code, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(log(), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(Produce, RefusesTransactions) {
  auto named = produce_request("orders", batch_of({"a"}));
  named.transactional_id = "tx";
  EXPECT_EQ(sent(named).error_code, ErrorCode::invalid_txn_state);
  records::BatchOptions options;
  options.producer_id = ProducerId(7);
  options.producer_epoch = 0;
  options.base_sequence = 0;
  options.transactional = true;
  EXPECT_EQ(sent(batch_of({"a"}, options)).error_code, ErrorCode::invalid_txn_state);
}

TEST_F(Produce, AnswersForEachPartitionByItself) {
  story.has_topic("wide", 3);
  auto request = produce_request("wide", batch_of({"a"}), -1, 2);
  auto& data = request.topic_data[0].partition_data;
  data.emplace_back().index = 9;
  data[1].records.emplace(batch_of({"b"}));
  data.emplace_back().index = 0;
  data[2].records.emplace(damaged(batch_of({"c"}), 65));
  const auto response = client.call<ProduceResponse>(request, 9).responses[0].partition_responses;
  ASSERT_EQ(response.size(), 3u);
  EXPECT_EQ(response[0].error_code, ErrorCode::none);
  EXPECT_EQ(response[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(response[2].error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(story.end_of("wide", 2), Offset(1));
}

TEST_F(Produce, TimesOutWhenTheDiskStandsStill) {
  story.machine().volume().stalled_until = story.world().now() + seconds(20);
  auto request = produce_request("orders", batch_of({"a"}));
  request.timeout_ms = 500;
  EXPECT_EQ(sent(request).error_code, ErrorCode::request_timed_out);
  story.pass(seconds(30));
  EXPECT_EQ(log(), std::vector<std::string>{"a"});  // It is in the log all the same.
}

TEST_F(Produce, AcknowledgesOnlyWhatACrashLeaves) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(sent(batch_of({std::to_string(i)})).base_offset, i);
  }
  client.close();
  story.crashes();
  client = story.connect();
  EXPECT_EQ(log().size(), 20u);
  EXPECT_EQ(sent(batch_of({"more"})).base_offset, 20);
}

TEST_F(Produce, FailsOnceTheDiskHasFailed) {
  story.machine().volume().faults.arm(sim::DiskFault::write_error, "orders-0");
  EXPECT_EQ(sent(batch_of({"a"})).error_code, ErrorCode::kafka_storage_error);
  EXPECT_EQ(sent(batch_of({"b"})).error_code, ErrorCode::kafka_storage_error);
}

}  // namespace
}  // namespace trialog::broker
