#include <unistd.h>

#include <fstream>

#include "core/base/cursor.h"
#include "core/protocol/messages/api_versions.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void expect_serves(BrokerStory& story) {
  auto client = story.connect();
  const auto response = client.call<ApiVersionsResponse>(ApiVersionsRequest(), 0);
  EXPECT_EQ(response.error_code, ErrorCode::none);
}

TEST(Limits, AFrameCostsWhatHasArrivedOfIt) {
  BrokerStory story;
  const auto before = resident_bytes();
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) {
    auto& client = clients.emplace_back(story.connect());
    client.send_hex(
        "06400000"
        "0000000700000001");  // 100 MiB are to follow.
    client.send(Bytes(std::vector<std::byte>(1000)));
  }
  story.pass(seconds(1));
  EXPECT_EQ(story.node().connections(), 300u);
  EXPECT_LT(resident_bytes(), before + (64u << 20));
  expect_serves(story);
}

TEST(Limits, ALargeFrameArrivesWhole) {
  BrokerStory story(metadata::Settings{{"message.max.bytes", "20000000"}});
  story.has_topic("orders");
  auto client = story.connect();
  const std::string value(9'000'000, 'v');
  const auto sent = client.call<protocol::ProduceResponse>(
      produce_request("orders", batch_of({value})), 7, std::chrono::minutes(10));
  EXPECT_EQ(only_partition(sent).error_code, ErrorCode::none);
  const auto fetched = client.call<protocol::FetchResponse>(fetch_request("orders", 0), 11,
                                                            std::chrono::minutes(10));
  EXPECT_EQ(values_in(only_partition(fetched).records), std::vector<std::string>{value});
}

TEST(Limits, AClientThatNeverReadsStopsItself) {
  BrokerStory story;
  story.has_topic("orders");
  auto client = story.connect();
  for (int i = 0; i < 4; ++i) {
    client.call<protocol::ProduceResponse>(
        produce_request("orders", batch_of({std::string(500'000, 'x')})), 7);
  }
  int asked = 0;
  auto deaf = story.connect();
  protocol::RequestHeader header;
  header.request_api_key = 1;
  header.request_api_version = 11;
  auto request = fetch_request("orders", 0);
  request.topics[0].partitions[0].partition_max_bytes = 10 << 20;
  const auto frame = RawClient::flat(*protocol::frame(header, request));
  while (asked < 100'000 && deaf.send(frame, milliseconds(500))) ++asked;
  EXPECT_LT(asked, 100'000);
  expect_serves(story);
}

TEST(Limits, TheIdleAreClosed) {
  BrokerStory story(metadata::Settings{{"connections.max.idle.ms", "10000"}});
  auto idle = story.connect();
  auto busy = story.connect();
  for (int i = 0; i < 5; ++i) {
    story.pass(seconds(4));
    busy.call<ApiVersionsResponse>(ApiVersionsRequest(), 0);
  }
  EXPECT_TRUE(idle.is_closed(seconds(1)));
  EXPECT_EQ(story.node().connections(), 1u);
}

TEST(Limits, NoMoreConnectionsThanAllowedAreServedAtATime) {
  BrokerStory story(metadata::Settings{{"max.connections", "2"}});
  auto first = story.connect();
  first.call<ApiVersionsResponse>(ApiVersionsRequest(), 0);
  auto second = story.connect();
  second.call<ApiVersionsResponse>(ApiVersionsRequest(), 0);
  auto third = story.connect();
  const auto asked = third.ask(ApiVersionsRequest(), 0);
  EXPECT_FALSE(third.receive(seconds(5)).has_value());
  first.close();
  third.answer<ApiVersionsResponse>(asked, 0);
}

TEST(Limits, ThousandsOfConnectionsAreFine) {
  BrokerStory story;
  std::vector<RawClient> clients;
  for (int i = 0; i < 2000; ++i) {
    clients.push_back(story.connect());
    clients.back().send_hex("000000");
  }
  EXPECT_EQ(story.node().connections(), 2000u);
  expect_serves(story);
  clients.clear();
  story.pass(seconds(5));
  EXPECT_EQ(story.node().connections(), 0u);
}

}  // namespace
}  // namespace trialog::broker
