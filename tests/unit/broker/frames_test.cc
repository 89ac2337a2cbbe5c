#include "core/base/cursor.h"
#include "core/protocol/messages/api_versions.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::FetchResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceResponse;

/// A frame with this length and whatever follows.
Bytes frame(std::int32_t length, std::string_view rest_in_hex) {
  Writer out;
  out.i32(length);
  out.bytes(from_hex(rest_in_hex));
  return Bytes(out.take());
}

/// Whoever is well behaved must not notice.
void expect_lives(BrokerStory& story) {
  auto client = story.connect();
  const auto response = client.call<ApiVersionsResponse>(ApiVersionsRequest(), 0);
  EXPECT_EQ(response.error_code, ErrorCode::none);
}

TEST(Frames, OfImpossibleLengthCloseTheConnection) {
  BrokerStory story;
  for (const std::int32_t length : {-1, -2147483647 - 1, 0, 1, 7, 104857601, 2147483647}) {
    auto client = story.connect();
    client.send(frame(length, "0012000000000001ffff"));
    EXPECT_TRUE(client.is_closed()) << length;
  }
  expect_lives(story);
}

TEST(Frames, OfTheLargestAllowedSizeAreReadAndNoByteMore) {
  BrokerStory story(metadata::Settings{{"socket.request.max.bytes", "1000"}});
  auto fine = story.connect();
  // An ApiVersions v0 request with a client id that fills the frame.
  Writer out;
  out.i32(1000);
  out.i16(18), out.i16(0), out.i32(7), out.i16(990);
  out.text(std::string(990, 'x'));
  fine.send(Bytes(out.take()));
  EXPECT_TRUE(fine.receive().has_value());
  auto large = story.connect();
  large.send(frame(1001, "0012000000000001ffff"));
  EXPECT_TRUE(large.is_closed());
}

TEST(Frames, CutShortLeaveNothingBehind) {
  BrokerStory story;
  for (const std::string_view piece :
       {"00", "000000", "00000010", "000000100012", "0000001000120000"}) {
    auto client = story.connect();
    client.send_hex(piece);
    client.finish();
    EXPECT_TRUE(client.is_closed()) << piece;
  }
  story.pass(seconds(1));
  EXPECT_EQ(story.node().connections(), 0u);
  expect_lives(story);
}

/// As librdkafka 2.15 asks for all topics: no topics, two flags, no tags, and three bytes more.
TEST(Frames, MayHoldMoreThanTheRequest) {
  BrokerStory story;
  auto client = story.connect();
  client.send(frame(18, "0003000c0000002affff0000000000000000"));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->slice(0, 4), Bytes(from_hex("0000002a")));
  client.send(frame(12, "0012000000000001ffffabcd"));
  EXPECT_TRUE(client.receive().has_value());
}

TEST(Frames, ArriveByteByByteToo) {
  BrokerStory story;
  auto client = story.connect();
  const auto request = from_hex(
      "0000000a"
      "0012"
      "0000"
      "0000002a"
      "ffff");
  for (const auto byte : request) client.send(Bytes(std::vector<std::byte>(1, byte)));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(Reader(answer->view()).i32(), 42);
}

TEST(Requests, OfUnknownKeysAndVersionsCloseTheConnection) {
  BrokerStory story;
  for (const std::string_view request : {
           "0000000a"
           "03e7"
           "0000"
           "00000001"
           "ffff",  // Key 999.
           "0000000a"
           "ffff"
           "0000"
           "00000001"
           "ffff",  // Key -1.
           "0000000a"
           "0000"
           "0002"
           "00000001"
           "ffff",  // Produce 2: advertised, not served.
           "0000000a"
           "0000"
           "0063"
           "00000001"
           "ffff",  // Produce 99.
           "0000000a"
           "0001"
           "0003"
           "00000001"
           "ffff",  // Fetch 3.
           "0000000a"
           "0003"
           "ffff"
           "00000001"
           "ffff",  // Metadata -1.
       }) {
    auto client = story.connect();
    client.send_hex(request);
    EXPECT_TRUE(client.is_closed()) << request;
  }
  expect_lives(story);
}

TEST(Requests, ThatDoNotParseCloseTheConnection) {
  BrokerStory story;
  for (const std::string_view request : {
           // Metadata 1 with an array of two billion, and of minus two.
           "0000000e"
           "0003"
           "0001"
           "00000001"
           "ffff"
           "77359400",
           "0000000e"
           "0003"
           "0001"
           "00000001"
           "ffff"
           "fffffffe",
           // Metadata 9: a compact array that claims four billion.
           "00000011"
           "0003"
           "0009"
           "00000001"
           "ffff"
           "00"
           "ffffffff0f"
           "00",
           // A string that points past the end.
           "00000010"
           "0003"
           "0001"
           "00000001"
           "ffff"
           "00000001"
           "7fff",
           // A client id that points past the end.
           "0000000a"
           "0003"
           "0001"
           "00000001"
           "7fff",
           // A client id of length -2.
           "0000000e"
           "0003"
           "0001"
           "00000001"
           "fffe"
           "ffffffff",
       }) {
    auto client = story.connect();
    client.send_hex(request);
    EXPECT_TRUE(client.is_closed()) << request;
  }
  expect_lives(story);
}

TEST(Requests, MayCarryTagsThatNobodyKnows) {
  BrokerStory story;
  auto client = story.connect();
  // ApiVersions 3 of a client "abc" "1": a tag in the header (7, two bytes), one in the body (99).
  client.send_hex(
      "00000019"
      "0012"
      "0003"
      "00000005"
      "ffff"
      "010702abcd"
      "04616263"
      "0231"
      "01630100");
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(Reader(answer->view()).i32(), 5);
  EXPECT_EQ(Reader(answer->view().subspan(4)).i16(), 0);
}

TEST(Requests, PipelinedAreAnsweredInOrderWithWhateverTheyWaitFor) {
  BrokerStory story;
  story.has_topic("orders");
  auto client = story.connect();
  auto parked = fetch_request("orders", 0);
  parked.max_wait_ms = 400;
  const auto first = client.ask(parked, 11);
  const auto second = client.ask(MetadataRequest(), 1);
  const auto third = client.ask(produce_request("orders", batch_of({"a"})), 7);
  const auto fourth = client.ask(ApiVersionsRequest(), 2);
  // The produce wakes the fetch that waits before it.
  const auto fetched = client.answer<FetchResponse>(first, 11);
  EXPECT_EQ(values_in(only_partition(fetched).records), std::vector<std::string>{"a"});
  client.answer<MetadataResponse>(second, 1);
  const auto produced = client.answer<ProduceResponse>(third, 7);
  EXPECT_EQ(only_partition(produced).base_offset, 0);
  client.answer<ApiVersionsResponse>(fourth, 2);
}

TEST(Requests, PipelinedAreAppendedInOrder) {
  BrokerStory story;
  story.has_topic("orders");
  auto client = story.connect();
  std::vector<std::int32_t> asked;
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back("record " + std::to_string(i));
    asked.push_back(client.ask(produce_request("orders", batch_of({sent.back()})), 7));
  }
  for (int i = 0; i < 50; ++i) {
    const auto response = client.answer<ProduceResponse>(asked[static_cast<std::size_t>(i)], 7);
    EXPECT_EQ(only_partition(response).base_offset, i);
  }
  const auto fetched = client.call<FetchResponse>(fetch_request("orders", 0), 11);
  EXPECT_EQ(values_in(only_partition(fetched).records), sent);
}

TEST(Requests, BeforeABrokenOneAreStillAnswered) {
  BrokerStory story;
  story.has_topic("orders");
  auto client = story.connect();
  const auto good = client.ask(produce_request("orders", batch_of({"a"})), 7);
  client.send_hex(
      "0000000a"
      "03e7"
      "0000"
      "00000001"
      "ffff");
  EXPECT_EQ(only_partition(client.answer<ProduceResponse>(good, 7)).base_offset, 0);
  EXPECT_TRUE(client.is_closed());
}

TEST(Requests, OfAClientThatWillWriteNoMoreAreStillAnswered) {
  BrokerStory story;
  story.has_topic("orders");
  auto client = story.connect();
  const auto asked = client.ask(produce_request("orders", batch_of({"a"})), 7);
  client.finish();
  EXPECT_EQ(only_partition(client.answer<ProduceResponse>(asked, 7)).base_offset, 0);
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace trialog::broker
