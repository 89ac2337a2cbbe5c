#include "core/records/batch.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/records/content.h"

namespace trialog::records::test {
namespace {

Batch three_records() {
  BatchOptions options;
  options.base = Offset(100);
  options.leader_epoch = Epoch(7);
  options.producer_id = ProducerId(5);
  options.producer_epoch = 2;
  options.base_sequence = 40;
  return build(options, {{1000, "61", "62", {}}, {1005, "null", "", {}}, {1003, "", "null", {}}});
}

void put_i32(std::vector<std::byte>& bytes, std::size_t at, std::int32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = std::byte(static_cast<std::uint32_t>(value) >> (8 * (3 - i)) & 255);
  }
}

std::string why_not(std::vector<std::byte> bytes) {
  const auto batch = Batch::parse(Bytes(std::move(bytes)));
  if (batch) return "";
  EXPECT_EQ(batch.error().kind(), IoError::Kind::corrupt);
  return batch.error().what();
}

/// Why a batch with a right CRC, but with `value` at `at`, is refused.
std::string why_not(std::size_t at, std::int32_t value) {
  auto bytes = bytes_of(three_records());
  put_i32(bytes, at, value);
  const auto batch = parse_with_crc(std::move(bytes));
  return batch ? "" : batch.error().what();
}

TEST(Batch, SaysWhatWasPutIn) {
  const auto batch = Batch::parse(three_records().bytes()).value();
  EXPECT_EQ(batch.base(), Offset(100));
  EXPECT_EQ(batch.end(), Offset(103));
  EXPECT_EQ(batch.leader_epoch(), Epoch(7));
  EXPECT_EQ(batch.count(), 3);
  EXPECT_EQ(batch.last_offset_delta(), 2);
  EXPECT_EQ(batch.base_timestamp(), 1000);
  EXPECT_EQ(batch.max_timestamp(), wall_time(1005));
  EXPECT_EQ(batch.producer_id(), ProducerId(5));
  EXPECT_EQ(batch.producer_epoch(), 2);
  EXPECT_EQ(batch.base_sequence(), 40);
  EXPECT_EQ(batch.last_sequence(), 42);
  EXPECT_EQ(batch.codec(), Codec::none);
  EXPECT_FALSE(batch.is_append_time());
}

TEST(Batch, KnowsItsSizeFromTwelveBytes) {
  const auto batch = three_records();
  EXPECT_EQ(Batch::size_at(batch.bytes().view()), static_cast<std::int64_t>(batch.size()));
  EXPECT_EQ(Batch::size_at(batch.bytes().view().first(12)), Batch::size_at(batch.bytes().view()));
  EXPECT_EQ(Batch::size_at(batch.bytes().view().first(11)), std::nullopt);
  auto bytes = bytes_of(batch);
  put_i32(bytes, 8, -1);
  EXPECT_EQ(Batch::size_at(bytes), 11);
  put_i32(bytes, 8, std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(Batch::size_at(bytes), (1ll << 31) + 11);
}

TEST(Batch, IsRefusedAtEveryLengthButItsOwn) {
  const auto bytes = bytes_of(three_records());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(why_not({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "");
  }
  auto longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(why_not(longer), "record batch: the length field means a batch of " +
                                 std::to_string(bytes.size()) + " bytes, there are " +
                                 std::to_string(longer.size()));
}

TEST(Batch, IsRefusedWithAnyBitChangedThatTheCrcCovers) {
  const auto original = three_records();
  for (std::size_t at = 0; at < original.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto bytes = bytes_of(original);
      bytes[at] ^= std::byte(1 << bit);
      const bool placed_by_leaders = at < 8 || (at >= 12 && at < 16);
      const auto why = why_not(std::move(bytes));
      // A negative base offset is the one thing outside of the CRC that is wrong in itself.
      if (placed_by_leaders && !(at == 0 && bit == 7)) {
        EXPECT_EQ(why, "") << "byte " << at << " bit " << bit;
      } else {
        EXPECT_NE(why, "") << "byte " << at << " bit " << bit;
      }
    }
  }
}

TEST(Batch, SaysWhatIsWrongAndWhatWouldBeRight) {
  auto old = bytes_of(three_records());
  old[16] = std::byte{1};
  EXPECT_EQ(why_not(old), "record batch: message format 1 is obsolete; only magic 2 is known");
  old[16] = std::byte{3};
  EXPECT_EQ(why_not(old), "record batch: magic 3; only magic 2 is known");
  old[16] = std::byte{0};  // Messages of that format may be shorter than our header.
  EXPECT_EQ(why_not({old.begin(), old.begin() + 30}),
            "record batch: message format 0 is obsolete; only magic 2 is known");
  EXPECT_EQ(why_not(std::vector<std::byte>(5)), "record batch: 5 bytes; the header alone takes 61");
  EXPECT_EQ(why_not(23, -1), "record batch: last offset delta -1 is negative");
  EXPECT_EQ(why_not(57, -2), "record batch: record count -2 does not fit last offset delta 2");
  EXPECT_EQ(why_not(57, 4), "record batch: record count 4 does not fit last offset delta 2");
  EXPECT_NE(why_not(0, std::numeric_limits<std::int32_t>::min()).find("base offset -"),
            std::string::npos);
  auto broken = bytes_of(three_records());
  broken.back() ^= std::byte{1};
  EXPECT_NE(why_not(broken).find("CRC-32C is "), std::string::npos);
}

TEST(Batch, MayNotEndPastTheLastOffset) {
  auto bytes = bytes_of(three_records());
  for (std::size_t i = 1; i < 8; ++i) bytes[i] = std::byte{255};
  bytes[0] = std::byte{127};
  EXPECT_NE(why_not(bytes), "");
  bytes[7] = std::byte{252};
  EXPECT_EQ(Batch::parse(Bytes(bytes)).value().end(),
            Offset(std::numeric_limits<std::int64_t>::max()));
}

TEST(Batch, MayHaveOffsetsForAsManyRecordsAsCanBeCounted) {
  auto bytes = bytes_of(three_records());
  put_i32(bytes, 23, std::numeric_limits<std::int32_t>::max());
  const auto batch = parse_with_crc(bytes).value();
  EXPECT_EQ(batch.end(), Offset(100 + (1ll << 31)));
  EXPECT_EQ(batch.last_sequence(), 39);
}

TEST(Batch, ThatCompactionEmptiedKeepsItsOffsets) {
  auto bytes = bytes_of(three_records());
  bytes.resize(header_size);
  put_i32(bytes, 8, static_cast<std::int32_t>(header_size - length_prefix));
  put_i32(bytes, 57, 0);
  const auto batch = parse_with_crc(std::move(bytes)).value();
  EXPECT_EQ(batch.end(), Offset(103));
  EXPECT_EQ(contents(batch), std::vector<Content>());
}

TEST(Batch, IsTrustedWithoutItsCrcButNotWithoutItsShape) {
  auto bytes = bytes_of(three_records());
  bytes.back() ^= std::byte{1};
  const auto batch = Batch::trusted(Bytes(bytes)).value();
  EXPECT_FALSE(batch.crc_matches());
  put_i32(bytes, 23, -1);
  EXPECT_FALSE(Batch::trusted(Bytes(bytes)));
}

TEST(Batch, IsPlacedWithoutANewCrc) {
  auto batch = three_records();
  const auto before = batch.crc();
  batch.place(Offset(1ll << 40), Epoch(9));
  const auto again = Batch::parse(batch.bytes()).value();
  EXPECT_EQ(again.base(), Offset(1ll << 40));
  EXPECT_EQ(again.leader_epoch(), Epoch(9));
  EXPECT_EQ(batch.end(), again.end());
  EXPECT_EQ(batch.leader_epoch(), again.leader_epoch());
  EXPECT_EQ(again.crc(), before);
}

TEST(Batch, IsStampedWithTheTimeOfAppending) {
  auto batch = three_records();
  batch.stamp(true, 5000);
  const auto again = Batch::parse(batch.bytes()).value();
  EXPECT_TRUE(again.is_append_time());
  EXPECT_EQ(again.max_timestamp(), wall_time(5000));
  RecordReader reader(again, again.payload());
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(timestamp_of(again, record), wall_time(5000));
  batch.stamp(false, 1005);
  EXPECT_EQ(batch.bytes(), three_records().bytes());
}

TEST(Batch, CountsSequencesRoundFromTheLargestToZero) {
  BatchOptions options;
  options.producer_id = ProducerId(1);
  options.base_sequence = std::numeric_limits<std::int32_t>::max() - 1;
  const auto content = null_content(0);
  EXPECT_EQ(build(options, {content, content}).last_sequence(), options.base_sequence + 1);
  EXPECT_EQ(build(options, {content, content, content}).last_sequence(), 0);
  EXPECT_EQ(build({}, {content}).last_sequence(), -1);
}

TEST(Batch, MayNameACodecThatDoesNotExist) {
  auto bytes = bytes_of(three_records());
  for (int id = 0; id < 8; ++id) {
    bytes[22] = std::byte(id);
    const auto batch = parse_with_crc(bytes).value();
    EXPECT_EQ(batch.codec().has_value(), id <= 4) << id;
    if (id > 4) {
      EXPECT_FALSE(try_contents(batch));
    }
  }
}

}  // namespace
}  // namespace trialog::records::test
