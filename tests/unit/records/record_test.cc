#include "core/records/record.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/cursor.h"
#include "tests/unit/records/content.h"

namespace trialog::records::test {
namespace {

/// A batch with this payload, for records that no builder would write.
Batch holding(const std::vector<std::byte>& payload, std::int32_t count,
              std::int32_t last_offset_delta) {
  const auto any = build({}, {null_content(0)});
  Writer out;
  out.i64(0);
  out.i32(static_cast<std::int32_t>(header_size - length_prefix + payload.size()));
  out.bytes(any.bytes().view().subspan(12, 11));
  out.i32(last_offset_delta);
  out.bytes(any.bytes().view().subspan(27, 30));
  out.i32(count);
  out.bytes(payload);
  return parse_with_crc(out.take()).value();
}

std::string why_not(const std::string& hex, std::int32_t count = 1) {
  const auto batch = holding(from_hex(hex), count, count - 1);
  const auto found = try_contents(batch);
  return found ? "" : found.error().what();
}

// Length 7, attributes, timestamp delta, offset delta, key "k", null value, no headers.
constexpr auto good = "0e000000026b0100";

TEST(Records, AreReadAsTheyLie) {
  EXPECT_EQ(why_not(good), "");
  const auto batch = holding(from_hex(good), 1, 0);
  EXPECT_EQ(contents(batch), (std::vector<Content>{{0, "6b", "null", {}}}));
}

TEST(Records, AreRefusedWhereALengthLies) {
  EXPECT_EQ(why_not(""), "record 0 of the batch: the length is cut off");
  EXPECT_EQ(why_not("10000000026b0100"), "record 0 of the batch: the length points past the end");
  EXPECT_EQ(why_not("01000000026b0100"), "record 0 of the batch: the length points past the end");
  EXPECT_EQ(why_not("10000000026b010000"),
            "record 0 of the batch: fields end before the length does");
  EXPECT_EQ(why_not("0c000000026b0100"),
            "record 0 of the batch: the number of headers is malformed");
  EXPECT_EQ(why_not("0e000000086b0100"), "record 0 of the batch: the key's length is malformed");
  EXPECT_EQ(why_not("0e000000036b0100"), "record 0 of the batch: the key's length is malformed");
  EXPECT_EQ(why_not("0e000000026b0800"), "record 0 of the batch: the value's length is malformed");
  EXPECT_EQ(why_not("00"), "record 0 of the batch: there are no attributes");
  EXPECT_EQ(why_not(std::string("16") + "00" + "ffffffffffffffffff7f" + "00"),
            "record 0 of the batch: the timestamp delta is malformed");
  EXPECT_EQ(why_not(std::string("0e") + "0000" + "ffffffff7f"),
            "record 0 of the batch: the offset delta is malformed");
}

TEST(Records, AreRefusedWithImpossibleHeaders) {
  EXPECT_EQ(why_not("0e000000026b0101"),
            "record 0 of the batch: the number of headers cannot be right");
  // Two billion headers in five bytes: refused before anything is allocated.
  EXPECT_EQ(why_not(std::string("16") + "000000026b01" + "feffffff0f"),
            "record 0 of the batch: the number of headers cannot be right");
  EXPECT_EQ(why_not("12000000026b01020101"), "record 0 of the batch: a header's key is null");
  EXPECT_EQ(why_not("12000000026b01020800"),
            "record 0 of the batch: a header key's length is malformed");
  EXPECT_EQ(why_not("12000000026b01020008"),
            "record 0 of the batch: a header value's length is malformed");
  EXPECT_EQ(why_not("12000000026b01020001"), "");
}

TEST(Records, AreCounted) {
  const auto second = std::string("0e000002026b0100");
  EXPECT_EQ(why_not(good + second, 2), "");
  EXPECT_EQ(why_not(good, 2), "record 1 of the batch: the length is cut off");
  EXPECT_EQ(why_not(good + second, 1), "8 bytes are left after the last of 1 records");
}

TEST(Records, HaveRisingOffsetsWithinTheirBatch) {
  EXPECT_EQ(why_not(std::string(good) + good, 2),
            "record 1 of the batch: the offset delta does not rise");
  EXPECT_EQ(why_not("0e000001026b0100"), "record 0 of the batch: the offset delta does not rise");
  EXPECT_EQ(why_not("0e000002026b0100"),
            "record 0 of the batch: the offset delta exceeds the batch's");
}

TEST(Records, MayHaveGapsThatCompactionLeft) {
  const auto batch = holding(from_hex("0e000004026b01000e00000a026b0100"), 2, 9);
  RecordReader reader(batch, batch.payload());
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(offset_of(batch, record), Offset(2));
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(offset_of(batch, record), Offset(5));
  EXPECT_FALSE(reader.next(record));
  EXPECT_TRUE(reader.status());
}

TEST(Records, StayReadableOrAreRefusedWhateverBitChanges) {
  const auto batch = build({}, {{5, "6b65", "76616c", {{"h", "01"}, {"i", "null"}}},
                                {6, "null", "", {}},
                                {4, "", "null", {{"", ""}}}});
  int refused = 0, read = 0;
  for (std::size_t at = header_size; at < batch.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto bytes = bytes_of(batch);
      bytes[at] ^= std::byte(1 << bit);
      const auto changed = parse_with_crc(std::move(bytes)).value();
      const auto found = try_contents(changed);
      found ? ++read : ++refused;
      if (found) {
        EXPECT_EQ(found->size(), 3u);
      }
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

TEST(Records, AreRefusedCutShortAnywhere) {
  const auto batch = build({}, {{5, "6b65", "76616c", {{"h", "01"}}}, {6, "null", "", {}}});
  const auto payload = batch.payload();
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const auto part = payload.first(size);
    const auto cut = holding({part.begin(), part.end()}, 2, 1);
    EXPECT_FALSE(try_contents(cut)) << size;
  }
}

TEST(Records, WrapTimestampsRatherThanOverflow) {
  const auto far = std::numeric_limits<std::int64_t>::max();
  const auto batch = build({}, {null_content(-5), null_content(far)});
  RecordReader reader(batch, batch.payload());
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(timestamp_of(batch, record), wall_time(-5));
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(timestamp_of(batch, record), wall_time(far));
}

}  // namespace
}  // namespace trialog::records::test
