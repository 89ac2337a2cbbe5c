#include "core/base/hash.h"

#include <gtest/gtest.h>

#include <limits>

#include <nlohmann/json.hpp>

#include "core/base/bytes.h"
#include "tests/unit/records/vectors.h"

namespace trialog::records::test {
namespace {

using nlohmann::json;

TEST(KeyHash, GivesKafkasHashAndPartitionForItsKeys) {
  const auto keys = vectors("murmur2");
  if (keys.empty()) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
  for (const auto& vector : keys) {
    const auto said = json::parse(vector.json);
    const auto key = from_hex(vector.hex);
    SCOPED_TRACE(vector.hex);
    EXPECT_EQ(murmur2(key), said["hash"].get<std::int32_t>());
    for (const int count : {1, 3, 7, 50}) {
      EXPECT_EQ(key_partition(key, count), said["of" + std::to_string(count)].get<int>());
    }
  }
}

TEST(GroupHash, FindsTheCoordinatorsPartitionWhereKafkaDoes) {
  const auto groups = vectors("group");
  if (groups.empty()) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
  for (const auto& vector : groups) {
    SCOPED_TRACE(vector.json);
    const auto name = from_hex(vector.hex);
    EXPECT_EQ(group_partition(as_text(name), 50), json::parse(vector.json)["of50"].get<int>());
  }
}

TEST(GroupHash, IsThatOfJavaStrings) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("hello"), 99162322);
  EXPECT_EQ(java_string_hash("polygenelubricants"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(group_partition("polygenelubricants", 50), 0);  // The one hash without an abs.
}

TEST(GroupHash, CountsACharacterOutsideTheBasicPlaneAsItsTwoSurrogates) {
  constexpr std::int32_t units[] = {0xd83d, 0xde00};
  EXPECT_EQ(java_string_hash("\xf0\x9f\x98\x80"), 31 * units[0] + units[1]);
}

TEST(GroupHash, TakesMalformedTextForReplacementCharacters) {
  const auto one = java_string_hash("\xef\xbf\xbd");
  EXPECT_EQ(one, 0xfffd);
  for (const char* text : {"\xff", "\x80", "\xc3", "\xe4\xb8", "\xf0\x9f\x98"}) {
    EXPECT_EQ(java_string_hash(text), one) << to_hex(as_bytes(text));
  }
  // Overlong, and past the last code point: none of the pieces can begin anything.
  for (const char* text : {"\xc0\xaf", "\xf4\x90", "\xf5\x80"}) {
    EXPECT_EQ(java_string_hash(text), 31 * one + one) << to_hex(as_bytes(text));
  }
}

}  // namespace
}  // namespace trialog::records::test
