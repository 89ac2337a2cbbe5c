#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "core/base/cursor.h"
#include "core/protocol/api.h"
#include "core/protocol/messages/add_raft_voter.h"
#include "core/protocol/messages/describe_topic_partitions.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/produce.h"
#include "core/protocol/messages/vote.h"
#include "tests/unit/protocol/support.h"

namespace trialog::protocol {
namespace {

/// Why `bytes` are not a T.
template <Message T>
std::string trouble(const Bytes& bytes, std::int16_t version) {
  const auto message = decode<T>(bytes, version);
  return message ? "" : message.error().what();
}

Bytes random_bytes_of(const Schema& schema, std::int16_t version, Random& random) {
  const auto object = detail::make(schema);
  fill_randomly(schema, version, random, object.get());
  return joined(encode(schema, version, object.get()));
}

bool decodes(const Schema& schema, std::int16_t version, const Bytes& bytes) {
  const auto object = detail::make(schema);
  return detail::decode_all(schema, bytes, version, object.get()).has_value();
}

RC_GTEST_PROP(BadInput, CutShortAtAnyByteIsRefused, (std::uint64_t seed)) {
  Random random(seed);
  for (const auto* schema : schemas_under_test()) {
    const auto version = random_version(*schema, random);
    const auto bytes = random_bytes_of(*schema, version, random);
    const std::size_t step = 1 + bytes.size() / 64;
    for (std::size_t size = 0; size < bytes.size(); size += step) {
      RC_ASSERT(!decodes(*schema, version, bytes.slice(0, size)));
    }
  }
}

/// What still decodes after the damage must be a message that can be written and read again.
RC_GTEST_PROP(BadInput, DamagedBytesAreRefusedOrAreAnotherMessage, (std::uint64_t seed)) {
  Random random(seed);
  for (const auto* schema : schemas_under_test()) {
    const auto version = random_version(*schema, random);
    const auto bytes = random_bytes_of(*schema, version, random);
    for (int i = 0; i < 8 && !bytes.empty(); ++i) {
      std::vector<std::byte> damaged(bytes.view().begin(), bytes.view().end());
      for (auto count = 1 + random.below(3); count > 0; --count) {
        const auto at = random.below(damaged.size());
        damaged[at] = std::byte(random.below(256));
      }
      const auto object = detail::make(*schema);
      if (!detail::decode_all(*schema, Bytes(damaged), version, object.get())) continue;
      RC_ASSERT(decodes(*schema, version, joined(encode(*schema, version, object.get()))));
    }
  }
}

TEST(BadInput, TheErrorSaysWhatIsWrongWithWhichFieldAtWhichByte) {
  ProduceRequest request;
  request.topic_data.resize(3);
  request.topic_data[2].name = "orders";
  const auto bytes = joined(encode(request, 9));
  // null id, acks, timeout, count; two empty topics; the length of the name, and half of it.
  EXPECT_EQ(trouble<ProduceRequest>(bytes.slice(0, 8 + 6 + 1 + 3), 9),
            "ProduceRequest v9 ends inside TopicData[2].Name at byte 15");
  EXPECT_EQ(trouble<ProduceRequest>(bytes.slice(0, 5), 9),
            "ProduceRequest v9 ends inside TimeoutMs at byte 3");
  EXPECT_EQ(
      trouble<ProduceRequest>(bytes_of(to_hex(bytes.view()) + "00ff"), 9),
      "ProduceRequest v9 ends at byte " + std::to_string(bytes.size()) + ", but 2 bytes follow");
  EXPECT_EQ(trouble<ProduceRequest>(bytes, 14), "ProduceRequest has no v14");
  EXPECT_EQ(trouble<ProduceRequest>(bytes, -1), "ProduceRequest has no v-1");
  EXPECT_EQ(trouble<FetchRequest>(bytes, 3), "FetchRequest has no v3");
}

TEST(BadInput, AnArrayOfTwoBillionIsRefusedBeforeMemoryIsTaken) {
  EXPECT_EQ(trouble<MetadataRequest>(bytes_of("7fffffff"), 0),
            "MetadataRequest v0 has an array of 2147483647 where 0 bytes are left in Topics at "
            "byte 4");
  EXPECT_EQ(trouble<MetadataRequest>(bytes_of("ffffffff0f"), 9),
            "MetadataRequest v9 has an array of 4294967294 where 0 bytes are left in Topics at "
            "byte 5");
  EXPECT_EQ(trouble<MetadataRequest>(bytes_of("fffffffe"), 1),
            "MetadataRequest v1 has the length -2 in Topics at byte 4");
}

TEST(BadInput, ALongFrameOfEmptyElementsDoesNotTakeMemoryWithoutBound) {
  // Topics of 18 bytes on the wire become structs of 56 bytes; 5.4 million of them are too many.
  Writer writer;
  const std::uint32_t count = 5'400'000;
  writer.uvarint(count + 1);
  std::vector<std::byte> bytes = writer.take();
  bytes.resize(bytes.size() + 18 * std::size_t{count} + 3);
  const auto why = trouble<MetadataRequest>(Bytes(std::move(bytes)), 12);
  EXPECT_NE(why.find("more elements than memory is given for"), std::string::npos) << why;
}

TEST(BadInput, NullIsRefusedWhereTheVersionHasNone) {
  EXPECT_EQ(trouble<MetadataRequest>(bytes_of("ffffffff"), 0),
            "MetadataRequest v0 has null where this version has no null in Topics at byte 4");
  EXPECT_TRUE(decode<MetadataRequest>(bytes_of("ffffffff"), 1)->topics == std::nullopt);
}

TEST(BadInput, AStringLongerThanKafkaAllowsIsRefused) {
  DescribeTopicPartitionsRequest request;
  request.topics.resize(1);
  request.topics[0].name = std::string(32767, 'n');
  EXPECT_TRUE(encode(request, 0));
  request.topics[0].name.push_back('n');
  EXPECT_EQ(encode(request, 0).error().what(),
            "DescribeTopicPartitionsRequest v0 cannot carry Topics[0].Name: 32768 bytes of text");
  Writer writer;
  writer.uvarint(2);
  writer.uvarint(32769);
  writer.text(request.topics[0].name);
  writer.bytes(std::vector<std::byte>(6));
  EXPECT_EQ(trouble<DescribeTopicPartitionsRequest>(Bytes(writer.take()), 0),
            "DescribeTopicPartitionsRequest v0 has a string of 32768 bytes in Topics[0].Name at "
            "byte 4");
}

TEST(BadInput, AVarintOfMoreThan32BitsIsRefused) {
  EXPECT_EQ(trouble<MetadataRequest>(bytes_of("ffffffffff01"), 9),
            "MetadataRequest v9 has an unsigned varint of more than 32 bits in Topics at byte 5");
}

/// FetchRequest v12 with no topics, up to its tag section.
const std::string fetch = "ffffffff00000000000000007fffffff0000000000ffffffff010101";

TEST(BadInput, TagsThatWeDoNotKnowAreSkipped) {
  const auto plain = decode<FetchRequest>(bytes_of(fetch + "00"), 12);
  ASSERT_TRUE(plain) << plain.error().what();
  const auto newer = decode<FetchRequest>(bytes_of(fetch + "020103aabbcc8f4e00"), 12);
  ASSERT_TRUE(newer) << newer.error().what();
  EXPECT_TRUE(*plain == *newer);
  const auto known = decode<FetchRequest>(bytes_of(fetch + "02000202780700"), 12);
  ASSERT_TRUE(known) << known.error().what();
  EXPECT_EQ(known->cluster_id, "x");
}

TEST(BadInput, BrokenTagSectionsAreRefused) {
  EXPECT_EQ(trouble<FetchRequest>(bytes_of(fetch), 12),
            "FetchRequest v12 ends inside tags at byte 28");
  EXPECT_EQ(trouble<FetchRequest>(bytes_of(fetch + "010705"), 12),
            "FetchRequest v12 ends inside tags at byte 31");
  EXPECT_EQ(trouble<FetchRequest>(bytes_of(fetch + "020002027800020278"), 12),
            "FetchRequest v12 has tag 0 twice in tags at byte 35");
  EXPECT_EQ(trouble<FetchRequest>(bytes_of(fetch + "0100030278ff"), 12),
            "FetchRequest v12 has 1 bytes left over in ClusterId at byte 33");
  EXPECT_EQ(trouble<FetchRequest>(bytes_of(fetch + "0100010278"), 12),
            "FetchRequest v12 ends inside ClusterId at byte 32");
}

TEST(Refusals, AValueThatTheVersionHasNoPlaceForIsNotLostInSilence) {
  MetadataRequest request;
  request.allow_auto_topic_creation = false;
  EXPECT_TRUE(encode(request, 4));
  EXPECT_EQ(encode(request, 3).error().what(),
            "MetadataRequest v3 cannot carry AllowAutoTopicCreation: this version lacks the field, "
            "and it has not its default");
  EXPECT_EQ(encode(request, 14).error().what(), "MetadataRequest has no v14");
}

/// An old voter must not take the question whether it would vote for a candidature.
TEST(Refusals, APreVoteNeverBecomesAVote) {
  VoteRequest request;
  request.topics.resize(1);
  request.topics[0].partitions.resize(1);
  request.topics[0].partitions[0].pre_vote = true;
  EXPECT_TRUE(encode(request, 2));
  EXPECT_EQ(encode(request, 1).error().what(),
            "VoteRequest v1 cannot carry Topics[0].Partitions[0].PreVote: this version lacks the "
            "field, and it has not its default");
  AddRaftVoterRequest voter;
  voter.ack_when_committed = false;
  EXPECT_TRUE(encode(voter, 1));
  EXPECT_FALSE(encode(voter, 0));
}

TEST(Refusals, UnlessTheFieldIsIgnorable) {
  MetadataResponse response;
  response.throttle_time_ms = 5;
  const auto bytes = joined(encode(response, 0));
  EXPECT_EQ(decode<MetadataResponse>(bytes, 0)->throttle_time_ms, 0);
}

TEST(Refusals, NullWhereTheVersionHasNone) {
  MetadataRequest request;
  request.topics = std::nullopt;
  EXPECT_TRUE(encode(request, 1));
  EXPECT_EQ(encode(request, 0).error().what(),
            "MetadataRequest v0 cannot carry Topics: null is not allowed in this version");
  request.topics.emplace(2);
  (*request.topics)[1].name = std::nullopt;
  EXPECT_EQ(encode(request, 9).error().what(),
            "MetadataRequest v9 cannot carry Topics[1].Name: null is not allowed in this version");
  EXPECT_TRUE(encode(request, 12));
}

}  // namespace
}  // namespace trialog::protocol
