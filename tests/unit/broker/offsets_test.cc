#include "core/protocol/messages/delete_records.h"
#include "core/protocol/messages/list_offsets.h"
#include "core/protocol/messages/offset_for_leader_epoch.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceResponse;

constexpr std::int64_t latest = -1, earliest = -2, max_timestamp = -3;

class Offsets : public testing::Test {
 protected:
  Offsets() { story.has_topic("orders"); }

  void produced(std::int64_t timestamp, std::string topic = "orders") {
    records::BatchBuilder builder{records::BatchOptions()};
    builder.add(wall_time(timestamp), std::nullopt, as_bytes("x"));
    const auto response =
        client.call<ProduceResponse>(produce_request(topic, builder.build().bytes()), 7);
    ASSERT_EQ(only_partition(response).error_code, ErrorCode::none);
  }
  ListOffsetsResponse::ListOffsetsPartitionResponse at(std::int64_t timestamp,
                                                       std::int16_t version = 7,
                                                       std::string topic = "orders") {
    ListOffsetsRequest request;
    request.replica_id = -1;
    auto& asked = request.topics.emplace_back();
    asked.name = std::move(topic);
    asked.partitions.emplace_back().timestamp = timestamp;
    return client.call<ListOffsetsResponse>(request, version).topics.at(0).partitions.at(0);
  }
  DeleteRecordsResponse::DeleteRecordsPartitionResult deleted(std::int64_t offset,
                                                              std::string topic = "orders") {
    DeleteRecordsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = std::move(topic);
    asked.partitions.emplace_back().offset = offset;
    return client.call<DeleteRecordsResponse>(request, 2).topics.at(0).partitions.at(0);
  }

  static constexpr std::int64_t day = 86'400'000;
  static constexpr std::int64_t then = 946'684'800'000;  // Before every simulated day.
  BrokerStory story;
  RawClient client = story.connect();
};

TEST_F(Offsets, AreFoundInEveryVersionThatIsServed) {
  produced(then);
  for (std::int16_t version = 1; version <= 11; ++version) {
    EXPECT_EQ(at(latest, version).offset, 1) << version;
    EXPECT_EQ(at(earliest, version).offset, 0);
    EXPECT_EQ(at(then, version).offset, 0);
  }
}

TEST_F(Offsets, OfATimeAreThoseOfTheFirstRecordAtOrAfterIt) {
  produced(then);
  produced(then + 2 * day);
  produced(then + day);
  EXPECT_EQ(at(0).offset, 0);
  EXPECT_EQ(at(then + 1).offset, 1);
  EXPECT_EQ(at(then + 1).timestamp, then + 2 * day);
  EXPECT_EQ(at(then + 3 * day).offset, -1);
  EXPECT_EQ(at(then + 3 * day).timestamp, -1);
  EXPECT_EQ(at(max_timestamp).offset, 1);
  EXPECT_EQ(at(max_timestamp).timestamp, then + 2 * day);
}

TEST_F(Offsets, WithoutRecordsAreTheEnds) {
  EXPECT_EQ(at(latest).offset, 0);
  EXPECT_EQ(at(earliest).offset, 0);
  EXPECT_EQ(at(max_timestamp).offset, -1);
  EXPECT_EQ(at(then).offset, -1);
  EXPECT_EQ(at(latest).timestamp, -1);
}

TEST_F(Offsets, OfSpecialTimesNeedTheirVersions) {
  EXPECT_EQ(at(max_timestamp, 6).error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(at(-4, 7).error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(at(-4, 8).offset, 0);
  EXPECT_EQ(at(-5, 8).error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(at(-5, 9).offset, -1);
  EXPECT_EQ(at(-6, 10).error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(at(-6, 11).offset, -1);
  EXPECT_EQ(at(-7, 11).error_code, ErrorCode::unsupported_version);
}

TEST_F(Offsets, AreNotToldTwiceInOneRequest) {
  ListOffsetsRequest request;
  request.replica_id = -1;
  auto& asked = request.topics.emplace_back();
  asked.name = "orders";
  asked.partitions.resize(2);
  const auto answers = client.call<ListOffsetsResponse>(request, 5).topics.at(0).partitions;
  EXPECT_EQ(answers[0].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answers[1].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(at(latest, 5, "nowhere").error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Offsets, OfALeaderEpochEndWhereTheNextBegins) {
  produced(then);
  const auto epoch = story.node().replicas().find("orders", 0)->leader_epoch.value;
  story.restarts();
  client = story.connect();
  produced(then);
  protocol::OffsetForLeaderEpochRequest request;
  auto& asked = request.topics.emplace_back();
  asked.topic = "orders";
  auto& partition = asked.partitions.emplace_back();
  for (std::int16_t version = 0; version <= 4; ++version) {
    partition.leader_epoch = epoch;
    const auto end =
        client.call<protocol::OffsetForLeaderEpochResponse>(request, version).topics[0];
    EXPECT_EQ(end.partitions[0].end_offset, 1) << version;
  }
  partition.leader_epoch = epoch + 9;
  const auto unknown = client.call<protocol::OffsetForLeaderEpochResponse>(request, 4).topics[0];
  EXPECT_EQ(unknown.partitions[0].end_offset, -1);
  partition.current_leader_epoch = epoch;
  const auto fenced = client.call<protocol::OffsetForLeaderEpochResponse>(request, 4).topics[0];
  EXPECT_EQ(fenced.partitions[0].error_code, ErrorCode::fenced_leader_epoch);
}

TEST_F(Offsets, BeforeADeletedOneAreGone) {
  for (int i = 0; i < 5; ++i) produced(then);
  EXPECT_EQ(deleted(2).low_watermark, 2);
  EXPECT_EQ(at(earliest).offset, 2);
  EXPECT_EQ(only_partition(client.call<protocol::FetchResponse>(fetch_request("orders", 1), 11))
                .error_code,
            ErrorCode::offset_out_of_range);
  EXPECT_EQ(deleted(1).low_watermark, 2);  // Nothing to do.
  EXPECT_EQ(deleted(-1).low_watermark, 5);
  EXPECT_EQ(deleted(6).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(deleted(-2).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(deleted(0, "nowhere").error_code, ErrorCode::unknown_topic_or_partition);
  story.has_topic("kept", 1, {{"cleanup.policy", "compact"}});
  EXPECT_EQ(deleted(0, "kept").error_code, ErrorCode::policy_violation);
  client.close();
  story.crashes();
  client = story.connect();
  EXPECT_EQ(at(earliest).offset, 5);
}

}  // namespace
}  // namespace trialog::broker
