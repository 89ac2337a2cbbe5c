#include "core/protocol/header.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/cursor.h"
#include "core/protocol/api.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/produce.h"
#include "tests/unit/protocol/support.h"

namespace trialog::protocol {
namespace {

constexpr std::int16_t api_versions = ApiVersionsRequest::api.key;

TEST(Headers, FlexibleVersionsHaveATagSection) {
  EXPECT_EQ(request_header_version(ProduceRequest::api.key, 8), 1);
  EXPECT_EQ(request_header_version(ProduceRequest::api.key, 9), 2);
  EXPECT_EQ(response_header_version(ProduceRequest::api.key, 8), 0);
  EXPECT_EQ(response_header_version(ProduceRequest::api.key, 9), 1);
}

TEST(Headers, ApiVersionsIsAlwaysAnsweredBehindTheOldestHeader) {
  EXPECT_EQ(request_header_version(api_versions, 3), 2);
  EXPECT_EQ(response_header_version(api_versions, 3), 0);
  EXPECT_EQ(request_header_version(api_versions, 99), 2);
}

TEST(Headers, OnlyControlledShutdown0HasNoClientId) {
  EXPECT_EQ(request_header_version(7, 0), 0);
  EXPECT_EQ(request_header_version(7, 1), 1);
  EXPECT_EQ(request_header_version(7, 3), 2);
  EXPECT_EQ(response_header_version(7, 3), 1);
  EXPECT_EQ(request_header_version(999, 5), 1);
}

TEST(Frames, BeginWithTheirLengthAndCarryTheHeaderInItsVersion) {
  RequestHeader header;
  header.request_api_key = MetadataRequest::api.key;
  header.request_api_version = 9;
  header.correlation_id = 77;
  header.client_id = "me";
  MetadataRequest request;
  request.topics = std::nullopt;
  const auto bytes = joined(frame(header, request));
  Reader reader(bytes.view());
  EXPECT_EQ(static_cast<std::size_t>(reader.i32()), bytes.size() - 4);

  const auto body = bytes.from(4);
  const auto read = decode_request_header(body);
  ASSERT_TRUE(read) << read.error().what();
  EXPECT_TRUE(read->message == header);
  const auto message = decode<MetadataRequest>(body.from(read->end), 9);
  ASSERT_TRUE(message) << message.error().what();
  EXPECT_TRUE(*message == request);
}

TEST(Frames, OfResponsesFollowTheVersionOfTheRequest) {
  FetchResponse response;
  response.responses.resize(1);
  response.responses[0].topic = "t";
  response.responses[0].partitions.resize(1);
  response.responses[0].partitions[0].records = Chain(Bytes::copy_of("batch"));
  for (std::int16_t version : {4, 11, 12}) {
    const auto bytes = joined(frame(ResponseHeader{42}, response, version)).from(4);
    const auto header = decode_response_header(bytes, FetchRequest::api.key, version);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->message.correlation_id, 42);
    EXPECT_EQ(header->end, version < 12 ? 4u : 5u);
    const auto message = decode<FetchResponse>(bytes.from(header->end), version);
    ASSERT_TRUE(message) << message.error().what();
    EXPECT_TRUE(*message == response);
  }
}

TEST(Headers, OfRequestsThatWeDoNotKnowAreReadAllTheSame) {
  // Key 18, version 127, correlation 5, client "x", no tags.
  const auto header =
      decode_request_header(bytes_of("0012007f00000005000178"
                                     "00"
                                     "ffff"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->message.correlation_id, 5);
  EXPECT_EQ(header->end, 12u);
  EXPECT_FALSE(decode_request_header(bytes_of("00")));
  EXPECT_FALSE(decode_request_header(bytes_of("001200030000")));
}

TEST(Apis, AreFoundByKeyAndByName) {
  EXPECT_EQ(find_api(1)->name, "Fetch");
  EXPECT_EQ(find_api("Fetch"), find_api(1));
  EXPECT_EQ(find_api("FetchRequest"), find_api(1));
  EXPECT_EQ(find_api("FetchResponse"), find_api(1));
  EXPECT_EQ(find_api(std::int16_t{4}), nullptr);
  EXPECT_EQ(find_api("Fetc"), nullptr);
  EXPECT_EQ(find_message("NoSuchRecord"), nullptr);
  EXPECT_TRUE(std::ranges::is_sorted(apis(), {}, &ApiEntry::key));
}

TEST(Apis, ServeOnlyVersionsThatTheTablesHaveAndAdvertiseAllTheyServe) {
  for (const auto& api : apis()) {
    const auto valid = api.request->api.valid;
    EXPECT_EQ(valid, api.response->api.valid) << api.name;
    EXPECT_EQ(api.request->api.flexible, api.response->api.flexible) << api.name;
    EXPECT_EQ(api.request->api.key, api.response->api.key) << api.name;
    if (api.served.empty()) continue;
    EXPECT_TRUE(valid.contains(api.served.first) && valid.contains(api.served.last)) << api.name;
    EXPECT_LE(api.advertised.first, api.served.first) << api.name;
    EXPECT_EQ(api.advertised.last, api.served.last) << api.name;
  }
  EXPECT_EQ(find_api("Produce")->advertised, Versions("0-13"));
  EXPECT_EQ(find_api("Produce")->served, Versions("3-13"));
}

TEST(VersionRanges, AreReadInKafkasNotation) {
  EXPECT_EQ(Versions::parse("3"), Versions(3, 3));
  EXPECT_EQ(Versions::parse("0-12"), Versions(0, 12));
  EXPECT_TRUE(Versions::parse("4+")->contains(32000));
  EXPECT_FALSE(Versions::parse("4+")->contains(3));
  EXPECT_TRUE(Versions::parse("none")->empty());
  for (const auto* text : {"", "x", "3-", "-3", "3-1", "3+4", "3 ", "99999999999"}) {
    EXPECT_FALSE(Versions::parse(text)) << text;
  }
}

}  // namespace
}  // namespace trialog::protocol
