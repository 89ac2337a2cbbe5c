#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/protocol/describe.h"
#include "core/protocol/text.h"
#include "tests/unit/protocol/support.h"

namespace trialog::protocol {
namespace {

template <class Claim>
void for_every_version(Claim claim) {
  for (const auto* schema : schemas_under_test()) {
    for (auto v = schema->api.valid.first; v <= schema->api.valid.last; ++v) claim(*schema, v);
  }
}

RC_GTEST_PROP(RoundTrip, GivesBackEveryMessageInEveryVersion, (std::uint64_t seed)) {
  Random random(seed);
  for_every_version([&](const Schema& schema, std::int16_t version) {
    const auto sent = detail::make(schema);
    fill_randomly(schema, version, random, sent.get());
    const auto bytes = encode(schema, version, sent.get());
    RC_ASSERT(bytes.has_value());
    const auto size = detail::encoded_size({&schema, sent.get(), version});
    RC_ASSERT(size.value() == bytes->size());
    const auto received = detail::make(schema);
    RC_ASSERT(detail::decode_all(schema, joined(*bytes), version, received.get()).has_value());
    RC_ASSERT(detail::equal(schema, sent.get(), received.get()));
  });
}

RC_GTEST_PROP(RoundTrip, PassesThroughJson, (std::uint64_t seed)) {
  Random random(seed);
  for (const auto* message : schemas_under_test()) {
    const auto& schema = *message;
    const auto version = random_version(schema, random);
    const auto sent = detail::make(schema);
    fill_randomly(schema, version, random, sent.get());
    const auto json = detail::write_json(schema, version, sent.get());
    const auto received = detail::make(schema);
    RC_ASSERT(detail::read_json(schema, version, json, received.get()).has_value());
    // Record sets are lost in JSON, so compare the texts.
    RC_ASSERT(detail::write_json(schema, version, received.get()) == json);
  }
}

TEST(RoundTrip, CarriesEachKindOfField) {
  Everything sent;
  sent.flag = false;
  sent.small = -8;
  sent.medium = -16;
  sent.number = 1 << 30;
  sent.large = std::int64_t{-1} << 60;
  sent.port = 65535;
  sent.crc = 0xfedcba98;
  sent.ratio = 0.1;
  sent.error_code = ErrorCode::corrupt_message;
  sent.maybe_text = "there";
  sent.bytes = Bytes::copy_of("bytes");
  sent.records = Chain(Bytes::copy_of("records"));
  sent.numbers = {1, -1, std::int64_t{1} << 62};
  sent.texts = {"", "two"};
  sent.maybe_points = std::vector<Everything::Point>(2);
  sent.maybe_point = Everything::Point{1, 2};
  sent.tagged_number = 6;
  sent.tagged_point.y = 9;
  for (std::int16_t version : {2, 3}) {
    const auto received = decode<Everything>(joined(encode(sent, version)), version);
    ASSERT_TRUE(received) << received.error().what();
    EXPECT_TRUE(*received == sent);
    EXPECT_FALSE(*received == Everything());
  }
}

TEST(RoundTrip, WritesTaggedFieldsByAscendingTagAndOnlyIfTheyAreNotTheDefault) {
  Everything message;
  const auto plain = joined(encode(message, 3));
  EXPECT_EQ(plain.view().back(), std::byte{0});  // No tags.
  message.tagged_number = 6;                     // Tag 1.
  message.tagged_text = "t";                     // Tag 0.
  const auto tagged = joined(encode(message, 3));
  EXPECT_EQ(to_hex(tagged.from(plain.size() - 1).view()), "0200020274010400000006");
}

TEST(RoundTrip, PassesRecordsAndBytesOnWithoutCopyingThem) {
  Everything sent;
  const auto batch = Bytes::copy_of("a batch of records");
  sent.bytes = Bytes::copy_of("bytes");
  sent.records = Chain(batch);
  const auto chain = encode(sent, 3).value();
  ASSERT_EQ(chain.pieces().size(), 3u);
  EXPECT_EQ(std::get<Bytes>(chain.pieces()[1]).data(), batch.data());

  const auto wire = joined(chain);
  const auto received = decode<Everything>(wire, 3).value();
  const auto inside = [&](const Bytes& bytes) {
    return bytes.data() >= wire.data() && bytes.data() + bytes.size() <= wire.data() + wire.size();
  };
  EXPECT_TRUE(inside(received.bytes));
  EXPECT_TRUE(inside(std::get<Bytes>(received.records->pieces()[0])));
}

}  // namespace
}  // namespace trialog::protocol
