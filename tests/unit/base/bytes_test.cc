#include "core/base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/chain.h"

namespace trialog {
namespace {

TEST(Bytes, CopiesAndSlicesShareTheirStorage) {
  const auto all = Bytes::copy_of("0123456789");
  const auto part = all.slice(2, 5);
  EXPECT_EQ(part.text(), "23456");
  EXPECT_EQ(part.data(), all.data() + 2);
  EXPECT_EQ(part.from(3).text(), "56");
  EXPECT_EQ(all.slice(10, 0).size(), 0u);
  EXPECT_TRUE(Bytes().empty());
}

TEST(Bytes, APartOutlivesTheWhole) {
  Bytes part;
  {
    const auto all = Bytes::copy_of(std::string(1000, 'x'));
    part = all.slice(500, 3);
  }
  EXPECT_EQ(part.text(), "xxx");
}

TEST(Bytes, AreEqualByContents) {
  EXPECT_EQ(Bytes::copy_of("abc"), Bytes::copy_of("xabcx").slice(1, 3));
  EXPECT_FALSE(Bytes::copy_of("abc") == Bytes::copy_of("abd"));
  EXPECT_FALSE(Bytes::copy_of("abc") == Bytes::copy_of("ab"));
}

TEST(BytesDeathTest, ASliceBeyondTheEndIsABug) {
  const auto all = Bytes::copy_of("abc");
  EXPECT_DEATH((void)all.slice(2, 2), "CHECK failed");
  EXPECT_DEATH((void)all.slice(4, 0), "CHECK failed");
}

TEST(Buffer, IsFilledFromTheFrontAndWhatIsHandedOutStays) {
  Buffer buffer(8);
  buffer.append(as_bytes("abcd"));
  const auto first = buffer.slice(0, 4);
  EXPECT_EQ(buffer.room().size(), 4u);
  buffer.room()[0] = std::byte{'e'};
  buffer.filled(1);
  EXPECT_EQ(buffer.size(), 5u);
  EXPECT_EQ(as_text(buffer.view()), "abcde");
  EXPECT_EQ(first.text(), "abcd");
  buffer = Buffer(1);
  EXPECT_EQ(first.text(), "abcd") << "it lives as long as it is in use";
}

TEST(BufferDeathTest, FillingMoreThanThereIsRoomIsABug) {
  Buffer buffer(2);
  EXPECT_DEATH(buffer.filled(3), "CHECK failed");
  EXPECT_DEATH(buffer.append(as_bytes("abc")), "CHECK failed");
}

TEST(Chain, GathersPiecesAndLeavesOutEmptyOnes) {
  Chain chain(Bytes::copy_of("ab"));
  chain.append(Bytes());
  chain.append(Bytes::copy_of("c"));
  Chain more;
  EXPECT_TRUE(more.empty());
  more.append(Bytes::copy_of("def"));
  chain.append(std::move(more));
  EXPECT_EQ(chain.size(), 6u);
  ASSERT_EQ(chain.pieces().size(), 3u);
  EXPECT_EQ(std::get<Bytes>(chain.pieces()[2]).text(), "def");
}

TEST(Hex, IsLowerCaseAndRefusesWhatItIsNot) {
  EXPECT_EQ(to_hex(as_bytes(std::string_view("\x00\xff\x1a", 3))), "00ff1a");
  EXPECT_EQ(as_text(from_hex("4B6b")), "Kk");
  EXPECT_TRUE(from_hex("123").empty());
  EXPECT_TRUE(from_hex("zz").empty());
}

RC_GTEST_PROP(Hex, RoundTrips, (const std::string& text)) {
  RC_ASSERT(as_text(from_hex(to_hex(as_bytes(text)))) == text);
}

}  // namespace
}  // namespace trialog
