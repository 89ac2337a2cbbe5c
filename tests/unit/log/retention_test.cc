#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

/// A log of ten batches in segments of two, with timestamps 0, 1000, 2000, ...
class Retention : public testing::Test {
 protected:
  void SetUp() override {
    story_.options().segment_bytes = 400;
    story_.options().retention_ms = -1;
    story_.options().file_delete_delay_ms = 60'000;
    ASSERT_TRUE(story_.opens());
    story_.creates();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(story_.appends(batch_of(Values{std::string(100, 'x')}, i * 1000)));
    }
    ASSERT_TRUE(story_.commits());
    ASSERT_EQ(story_.log().start(), Offset(0));
  }

  Status retains(std::int64_t now) {
    return story_.node().run(story_.log().apply_retention(wall_time(now)));
  }
  std::size_t files_ending(const std::string& suffix) {
    const auto names = story_.files();
    return static_cast<std::size_t>(std::count_if(
        names.begin(), names.end(), [&](const auto& name) { return name.ends_with(suffix); }));
  }

  LogStory story_;
};

TEST_F(Retention, ByTimeLetsGoOfWholeSegmentsOldestFirst) {
  auto options = story_.options();
  options.retention_ms = 5000;
  story_.log().configure(options);
  ASSERT_TRUE(retains(8500));  // What is older than 3500: offsets 0 to 3, of which 2 and 3 share.
  EXPECT_EQ(story_.log().start(), Offset(4));
  EXPECT_EQ(files_ending(".log.deleted"), 2u);
  story_.node().world().run_for(seconds(61));
  EXPECT_EQ(files_ending(".deleted"), 0u);
  EXPECT_EQ(story_.records().front().offset, 4);
}

TEST_F(Retention, OfEverythingLeavesAnEmptySegment) {
  auto options = story_.options();
  options.retention_ms = 5000;
  story_.log().configure(options);
  ASSERT_TRUE(retains(1'000'000));
  EXPECT_EQ(story_.log().start(), Offset(10));
  EXPECT_EQ(story_.log().end(), Offset(10));
  ASSERT_TRUE(story_.appends(Values{"next"}));
  ASSERT_TRUE(story_.commits());
  EXPECT_EQ(story_.records(), (std::vector<Seen>{{10, "next"}}));
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.records(), (std::vector<Seen>{{10, "next"}}));
}

TEST_F(Retention, BySizeKeepsAtLeastThatMuch) {
  auto options = story_.options();
  options.retention_bytes = 700;
  story_.log().configure(options);
  ASSERT_TRUE(retains(0));
  EXPECT_GE(story_.log().size_in_bytes(), 700u);
  EXPECT_LT(story_.log().size_in_bytes(), 700u + 400u);
  EXPECT_GT(story_.log().start(), Offset(0));
}

TEST_F(Retention, DoesNotTouchALogThatIsOnlyCompacted) {
  auto options = story_.options();
  options.retention_ms = 1;
  options.deletes = false;
  story_.log().configure(options);
  ASSERT_TRUE(retains(1'000'000));
  EXPECT_EQ(story_.log().start(), Offset(0));
}

TEST_F(Retention, LetsReadersEndWhatTheyBegan) {
  story_.closes().value();
  ASSERT_TRUE(story_.opens());
  auto chain = story_.node().run(story_.log().read(Offset(0), Offset(2), 1u << 20));
  ASSERT_TRUE(chain.has_value());
  ASSERT_TRUE(story_.node().run(story_.log().delete_before(Offset(10))).has_value());
  story_.node().world().run_for(seconds(61));
  EXPECT_EQ(seen_in(*chain, story_.node()).size(), 2u);
}

TEST_F(Retention, DeletingBeforeAnOffsetLastsThroughAPowerLoss) {
  ASSERT_TRUE(story_.node().run(story_.log().delete_before(Offset(5))).has_value());
  EXPECT_EQ(story_.log().start(), Offset(5));
  EXPECT_EQ(files_ending(".log.deleted"), 2u);
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.log().start(), Offset(5));
  EXPECT_EQ(story_.records().front().offset, 5);
  EXPECT_EQ(story_.text_of("log-start-offset-checkpoint"), "0\n1\norders 0 5\n");
  EXPECT_FALSE(story_.node().run(story_.log().read(Offset(4), Offset(10), 100)).has_value());
}

TEST_F(Retention, ARemovedLogFailsAndItsNameIsFree) {
  const auto held = story_.directory().find(LogStory::orders());
  ASSERT_TRUE(story_.node().run(story_.directory().remove(LogStory::orders())).has_value());
  EXPECT_TRUE(held->failed());
  EXPECT_FALSE(held->append_as_leader(batch_of(Values{"late"}), Epoch(0)).has_value());
  EXPECT_EQ(story_.directory().find(LogStory::orders()), nullptr);
  auto chain = story_.node().run(held->read(Offset(0), Offset(10), 1u << 20));
  EXPECT_TRUE(chain.has_value());
  story_.creates();
  EXPECT_EQ(story_.log().end(), Offset(0));
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.directory().logs().size(), 1u);
  EXPECT_EQ(story_.log().end(), Offset(0));
}

TEST_F(Retention, ALogSetAsideStaysOnTheDisk) {
  ASSERT_TRUE(story_.node().run(story_.directory().set_aside(LogStory::orders())).has_value());
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_TRUE(story_.directory().logs().empty());
  auto listed = story_.node().run(story_.node().env().disk.list("data"));
  ASSERT_TRUE(listed.has_value());
  EXPECT_TRUE(std::any_of(listed->begin(), listed->end(), [](const auto& entry) {
    return entry.name.starts_with("orders-0.") && entry.name.ends_with("-stray");
  }));
}

}  // namespace
}  // namespace trialog::log
