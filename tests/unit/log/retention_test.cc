#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/log/log_story.h"
#include "tests/unit/log/sync_count.h"

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
  Status removes(std::vector<TopicPartition> partitions) {
    return story_.node().run(story_.directory().remove(std::move(partitions)));
  }
  /// Makes the partitions 0 to `count` - 1 of "many".
  std::vector<TopicPartition> creates_many(std::int32_t count) {
    std::vector<TopicPartition> names;
    std::vector<LogDirectory::NewLog> wanted;
    for (std::int32_t i = 0; i < count; ++i) {
      names.emplace_back("many", i);
      wanted.push_back({names.back(), metadata_topic_id()});
    }
    EXPECT_TRUE(story_.node().run(story_.directory().create(std::move(wanted))));
    return names;
  }
  /// The directories that wait for their end, or were set aside.
  std::size_t directories_ending(const std::string& suffix) {
    const auto listed = story_.node().run(story_.node().env().disk.list("data"));
    return static_cast<std::size_t>(std::count_if(
        listed->begin(), listed->end(),
        [&](const auto& entry) { return entry.directory && entry.name.ends_with(suffix); }));
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
  ASSERT_TRUE(removes({LogStory::orders()}));
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

TEST_F(Retention, ManyLogsAreRemovedWithTheSyncsOfOne) {
  std::vector<int> syncs;
  for (const std::int32_t count : {1, 10, 200}) {
    const auto names = creates_many(count);
    const SyncCount counted(story_.node().world());
    ASSERT_TRUE(removes(names));
    syncs.push_back(counted.count());
  }
  EXPECT_GT(syncs[0], 0);
  EXPECT_EQ(syncs[1], syncs[0]);
  EXPECT_EQ(syncs[2], syncs[0]);
}

TEST_F(Retention, OfManyLogsThatAreRemovedNoneIsLeft) {
  const auto names = creates_many(20);
  for (const auto& name : names) ASSERT_TRUE(story_.appends(Values{"one", "two"}, name));
  const auto held = story_.directory().find(names.back());
  ASSERT_TRUE(story_.commits(names[3]));
  ASSERT_TRUE(story_.node().run(story_.log(names[3]).delete_before(Offset(1))));
  ASSERT_TRUE(removes(names));
  EXPECT_TRUE(held->failed());
  EXPECT_EQ(story_.directory().logs().size(), 1u);
  EXPECT_EQ(directories_ending("-delete"), 20u);
  EXPECT_EQ(story_.text_of("log-start-offset-checkpoint"), "0\n0\n");
  EXPECT_EQ(story_.text_of("recovery-point-offset-checkpoint").find("many"), std::string::npos);
  EXPECT_EQ(story_.text_of("replication-offset-checkpoint").find("many"), std::string::npos);
  creates_many(20);  // Their names are free.
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.directory().logs().size(), 21u);
  for (const auto& name : names) {
    EXPECT_EQ(story_.log(name).start(), Offset(0));
    EXPECT_EQ(story_.log(name).end(), Offset(0));
  }
  EXPECT_EQ(story_.records().size(), 10u);
  story_.node().world().run_for(seconds(61));
  EXPECT_EQ(directories_ending("-delete"), 0u);
}

TEST_F(Retention, WhoWritesWhileManyLogsAreRemovedIsToldAndTheOthersGoOn) {
  const auto names = creates_many(20);
  std::vector<std::optional<bool>> kept(names.size());
  TaskGroup group(story_.node().env().executor);
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (int batches = 0; batches < 6; ++batches) {  // The last ones begin new segments.
      ASSERT_TRUE(story_.appends(Values{std::string(100, 'x')}, names[i]));
    }
    group.run("wait",
              sim::detail::keep_result(story_.log(names[i]).committed(Offset(100)), kept[i]));
  }
  ASSERT_TRUE(story_.appends(Values{"other"}));
  story_.node().world().run_for(milliseconds(1));  // Some are being written, some synced.
  ASSERT_TRUE(removes(names));
  story_.node().run(group.all_done());
  for (const auto& told : kept) EXPECT_EQ(told, false);
  EXPECT_TRUE(story_.commits());
  EXPECT_FALSE(story_.directory().failed());
}

TEST_F(Retention, NoneOfManyLogsIsRemovedIfOneIsNotThere) {
  auto names = creates_many(3);
  names.emplace_back("many", 3);
  const auto removed = removes(names);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind(), IoError::Kind::not_found);
  EXPECT_EQ(story_.directory().logs().size(), 4u);
  EXPECT_FALSE(story_.directory().failed());
}

TEST_F(Retention, ADirectoryWhereALogCannotBeRemovedIsGivenUp) {
  const auto names = creates_many(3);
  story_.node().volume().faults.arm(sim::DiskFault::write_error, "many-1");
  EXPECT_FALSE(removes(names));
  EXPECT_TRUE(story_.directory().failed());
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_TRUE(story_.directory().find(names[1]));
  EXPECT_TRUE(story_.directory().find(names[2]));
  EXPECT_EQ(story_.records().size(), 10u);
}

TEST_F(Retention, ALogSetAsideStaysOnTheDisk) {
  ASSERT_TRUE(story_.node().run(story_.directory().set_aside(LogStory::orders())).has_value());
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_TRUE(story_.directory().logs().empty());
  EXPECT_EQ(directories_ending("-stray"), 1u);
}

}  // namespace
}  // namespace trialog::log
