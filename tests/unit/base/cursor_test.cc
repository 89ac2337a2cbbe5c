#include "core/base/cursor.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "core/base/bytes.h"

namespace trialog {
namespace {

std::vector<std::byte> hex(std::string_view text) { return from_hex(text); }

TEST(Cursor, NumbersAreBigEndian) {
  Writer writer;
  writer.i8(-1);
  writer.i16(0x0102);
  writer.i32(0x03040506);
  writer.i64(0x0708090a0b0c0d0e);
  writer.f64(1.0);
  EXPECT_EQ(to_hex(writer.view()), "ff0102030405060708090a0b0c0d0e3ff0000000000000");
  Reader reader(writer.view());
  EXPECT_EQ(reader.i8(), -1);
  EXPECT_EQ(reader.i16(), 0x0102);
  EXPECT_EQ(reader.i32(), 0x03040506);
  EXPECT_EQ(reader.i64(), 0x0708090a0b0c0d0e);
  EXPECT_EQ(reader.f64(), 1.0);
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_FALSE(reader.failed());
}

TEST(Cursor, VarintsAreWrittenAsKafkaWritesThem) {
  auto written = [](std::int32_t v) {
    Writer writer;
    writer.varint(v);
    EXPECT_EQ(writer.size(), varint_size(v));
    return to_hex(writer.view());
  };
  EXPECT_EQ(written(0), "00");
  EXPECT_EQ(written(-1), "01");
  EXPECT_EQ(written(1), "02");
  EXPECT_EQ(written(63), "7e");
  EXPECT_EQ(written(-64), "7f");
  EXPECT_EQ(written(64), "8001");
  EXPECT_EQ(written(std::numeric_limits<std::int32_t>::max()), "feffffff0f");
  EXPECT_EQ(written(std::numeric_limits<std::int32_t>::min()), "ffffffff0f");
}

TEST(Cursor, AfterAFailureEverythingIsZeroForGood) {
  const auto bytes = hex("0102030405");
  Reader reader(bytes);
  EXPECT_EQ(reader.i16(), 0x0102);
  EXPECT_EQ(reader.i32(), 0);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0) << "nothing more is read though a byte is there";
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_TRUE(reader.take(1).empty());
  EXPECT_TRUE(reader.uuid().is_zero());
}

TEST(Cursor, MalformedVarintsFail) {
  for (const char* text : {"", "80", "ffffffff", "8080808080", "ffffffff7f", "ffffffffff01"}) {
    const auto bytes = hex(text);
    Reader reader(bytes);
    EXPECT_EQ(reader.varint(), 0) << text;
    EXPECT_TRUE(reader.failed()) << text;
    Reader again(bytes);
    EXPECT_EQ(again.uvarint(), 0u) << text;
    EXPECT_TRUE(again.failed()) << text;
  }
}

TEST(Cursor, MalformedVarlongsFail) {
  for (const char* text : {"", "80", "ffff", "80808080808080808080", "ffffffffffffffffffff01"}) {
    const auto bytes = hex(text);
    Reader reader(bytes);
    EXPECT_EQ(reader.varlong(), 0) << text;
    EXPECT_TRUE(reader.failed()) << text;
  }
}

TEST(Cursor, TakeNeverReachesBeyondTheEnd) {
  const auto bytes = hex("0102");
  Reader reader(bytes);
  EXPECT_TRUE(reader.take(std::numeric_limits<std::size_t>::max()).empty());
  EXPECT_TRUE(reader.failed());
}

TEST(Cursor, ALengthCanBeFilledInLater) {
  Writer writer;
  writer.i32(0);
  writer.text("abc");
  writer.put_i32(0, 3);
  EXPECT_EQ(to_hex(writer.view()), "00000003616263");
}

RC_GTEST_PROP(Cursor, VarlongsRoundTripInTheirSize, (std::int64_t v)) {
  Writer writer;
  writer.varlong(v);
  RC_ASSERT(writer.size() == varint_size(v));
  Reader reader(writer.view());
  RC_ASSERT(reader.varlong() == v);
  RC_ASSERT(!reader.failed() && reader.left() == 0u);
}

RC_GTEST_PROP(Cursor, VarintsRoundTripInTheirSize, (std::int32_t v, std::uint32_t u)) {
  Writer writer;
  writer.varint(v);
  writer.uvarint(u);
  RC_ASSERT(writer.size() == varint_size(v) + uvarint_size(u));
  Reader reader(writer.view());
  RC_ASSERT(reader.varint() == v);
  RC_ASSERT(reader.uvarint() == u);
  RC_ASSERT(!reader.failed() && reader.left() == 0u);
}

/// Whatever the bytes are: no read beyond them, and a failed reader stays failed.
RC_GTEST_PROP(Cursor, AnyBytesCanBeReadAsAnything, (const std::string& text, std::uint64_t how)) {
  Reader reader(as_bytes(text));
  bool failed = false;
  for (int i = 0; i < 21; ++i, how /= 8) {
    const auto before = reader.position();
    switch (how % 8) {
      case 0:
        reader.i8();
        break;
      case 1:
        reader.i16();
        break;
      case 2:
        reader.i64();
        break;
      case 3:
        reader.varint();
        break;
      case 4:
        reader.varlong();
        break;
      case 5:
        reader.uvarint();
        break;
      case 6:
        reader.uuid();
        break;
      default:
        reader.take(how % 5);
        break;
    }
    RC_ASSERT(reader.position() >= before);
    RC_ASSERT(reader.position() <= text.size());
    RC_ASSERT(!failed || reader.failed());
    failed = reader.failed();
  }
}

}  // namespace
}  // namespace trialog
