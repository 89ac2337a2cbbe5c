#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "core/base/bytes.h"
#include "core/base/crc32c.h"
#include "core/base/ids.h"
#include "core/base/match.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/base/topic.h"
#include "core/base/transitions.h"
#include "core/base/uuid.h"

namespace trialog {
namespace {

// Published vectors: RFC 3720, B.4.
TEST(Crc32c, AgreesWithThePublishedVectors) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\0'))), 0x8A9136AAu);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xff'))), 0x62A8AB43u);
  EXPECT_EQ(crc32c({}), 0u);
}

RC_GTEST_PROP(Crc32c, GoesOnWhereItStopped, (const std::string& a, const std::string& b)) {
  RC_ASSERT(crc32c(as_bytes(b), crc32c(as_bytes(a))) == crc32c(as_bytes(a + b)));
}

TEST(Uuid, HasKafkasTextForm) {
  EXPECT_EQ(Uuid().text(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(metadata_topic_id().text(), "AAAAAAAAAAAAAAAAAAAAAQ");
  Uuid all;
  all.bytes.fill(std::byte{255});
  EXPECT_EQ(all.text(), "_____________________w");
  EXPECT_EQ(Uuid::parse("_____________________w"), all);
  for (const char* text : {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

RC_GTEST_PROP(Uuid, RandomOnesAreVersionFourAndRoundTrip, (std::uint64_t seed)) {
  Random random(seed);
  const auto id = Uuid::random(random);
  RC_ASSERT(std::to_integer<int>(id.bytes[6] >> 4) == 4);
  RC_ASSERT(std::to_integer<int>(id.bytes[8] >> 6) == 2);
  const auto text = id.text();
  RC_ASSERT(text.size() == 22u);
  RC_ASSERT(text.front() != '-');
  RC_ASSERT(Uuid::parse(text) == id);
}

/// Fixed numbers: whoever changes them changes every recorded seed.
TEST(Random, DrawsTheSameNumbersEverywhere) {
  Random random(0);  // The first outputs of SplitMix64 for seed 0, as published.
  EXPECT_EQ(random.next(), 0xE220A8397B1DCDAFull);
  EXPECT_EQ(random.next(), 0x6E789E6AA1B965F4ull);
  EXPECT_EQ(random.next(), 0x06C45D188009454Full);
}

TEST(Random, ForksAreNamedAndDoNotAdvanceTheirOrigin) {
  Random random(1);
  auto a = random.fork("a"), again = random.fork("a"), b = random.fork("b");
  const auto drawn = a.next();
  EXPECT_EQ(drawn, again.next());
  EXPECT_NE(drawn, b.next());
  EXPECT_EQ(random.next(), Random(1).next());
  EXPECT_NE(random.fork(std::uint64_t{1}).next(), random.fork(std::uint64_t{2}).next());
}

RC_GTEST_PROP(Random, StaysWithinItsBounds, (std::uint64_t seed, std::int64_t x, std::int64_t y)) {
  Random random(seed);
  const auto low = std::min(x, y), high = std::max(x, y);
  const auto between = random.between(low, high);
  RC_ASSERT(low <= between && between <= high);
  const auto bound = 1 + static_cast<std::uint64_t>(x) / 2;
  RC_ASSERT(random.below(bound) < bound);
  RC_ASSERT(random.below(1) == 0u);
}

TEST(Random, ReachesBothEndsAndKeepsItsRates) {
  Random random(3);
  std::set<std::int64_t> seen;
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) {
    seen.insert(random.between(-2, 2));
    hits += random.chance(250'000);
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_NEAR(hits, 2500, 200);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1'000'000));
}

TEST(Topic, NamesAreJudgedAsKafkaDoes) {
  for (const char* fine : {"orders", "a", "__consumer_offsets", "A.b-C_9", "..."}) {
    EXPECT_EQ(topic_name_problem(fine), "") << fine;
  }
  EXPECT_EQ(topic_name_problem(std::string(249, 'a')), "");
  for (const char* bad : {"", ".", "..", "a b", "a/b", "\xc3\xa9", "a\n"}) {
    EXPECT_NE(topic_name_problem(bad), "") << bad;
  }
  EXPECT_NE(topic_name_problem(std::string(250, 'a')), "");
}

TEST(Topic, PartitionsAreNamedAsTheirDirectories) {
  EXPECT_EQ(TopicPartition("orders", 3).text(), "orders-3");
  EXPECT_LT(TopicPartition("a", 9), TopicPartition("b", 0));
  EXPECT_LT(TopicPartition("a", 1), TopicPartition("a", 2));
}

TEST(Ids, OffsetsCountAndEpochsFollow) {
  EXPECT_EQ(Offset(5) + 3, Offset(8));
  EXPECT_EQ(Offset(8) - Offset(5), 3);
  EXPECT_EQ(Epoch(4).next(), Epoch(5));
  EXPECT_LT(no_epoch, Epoch(0));
}

TEST(Match, ChoosesTheCaseOfTheAlternative) {
  const std::variant<int, std::string> number = 3, word = std::string("x");
  auto describe = [](const auto& v) {
    return match(
        v, [](int i) { return std::to_string(i); }, [](const std::string& s) { return s + s; });
  };
  EXPECT_EQ(describe(number), "3");
  EXPECT_EQ(describe(word), "xx");
}

enum class Light { red, green };
constexpr Transition<Light> lights[] = {{Light::red, Light::green, "go"}};

TEST(Transitions, AllowOnlyTheirArrows) {
  EXPECT_TRUE(allows(lights, Light::red, Light::green));
  EXPECT_FALSE(allows(lights, Light::green, Light::red));
}

TEST(Result, CarriesAValueOrWhyThereIsNone) {
  const Result<int> good = 3;
  const Result<int> bad = failure(IoError::Kind::full, "no space");
  EXPECT_EQ(*good, 3);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind(), IoError::Kind::full);
  EXPECT_EQ(bad.error().what(), "no space");
}

TEST(Time, WallTimeIsMillisecondsSince1970) {
  EXPECT_EQ(to_ms(wall_time(1'234)), 1'234);
  EXPECT_GT(never, Instant(std::chrono::hours(24 * 365 * 100)));
}

}  // namespace
}  // namespace trialog
