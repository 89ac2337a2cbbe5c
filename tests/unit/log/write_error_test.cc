#include <gtest/gtest.h>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

class AfterAFault : public testing::TestWithParam<sim::DiskFault> {};

TEST_P(AfterAFault, TheDirectoryIsGivenUpAndNothingCounts) {
  LogStory story;
  ASSERT_TRUE(story.opens());
  story.creates();
  story.creates(TopicPartition("other", 0));
  ASSERT_TRUE(story.appends(Values{"kept"}));
  ASSERT_TRUE(story.commits());
  story.node().volume().faults.arm(GetParam(), "orders-0");
  ASSERT_TRUE(story.appends(Values{"lost"}));
  EXPECT_FALSE(story.commits());
  EXPECT_TRUE(story.directory().failed());
  EXPECT_EQ(story.log().committed_end(), Offset(1));
  for (const auto& partition : {LogStory::orders(), TopicPartition("other", 0)}) {
    EXPECT_TRUE(story.log(partition).failed());
    const auto refused = story.appends(Values{"more"}, partition);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::kafka_storage_error);
  }
  EXPECT_FALSE(story.node().run(story.directory().close()));
  story.crashes();
  ASSERT_TRUE(story.opens());
  ASSERT_FALSE(story.values().empty());
  EXPECT_EQ(story.values().front(), "kept");
}

INSTANTIATE_TEST_SUITE_P(Log, AfterAFault,
                         testing::Values(sim::DiskFault::write_error, sim::DiskFault::no_space,
                                         sim::DiskFault::sync_error));

TEST(Log, LosesWhatCountedIfItGoesOnAfterAFailedWrite) {
  LogStory story;
  story.options().cache_bytes = 0;
  story.plant(Bug::append_after_failed_write);
  ASSERT_TRUE(story.opens());
  story.creates();
  story.node().volume().faults.arm(sim::DiskFault::write_error,
                                   "orders-0/00000000000000000000.log");
  ASSERT_TRUE(story.appends(Values{"first"}));
  ASSERT_TRUE(story.commits());
  ASSERT_TRUE(story.appends(Values{"second"}));
  ASSERT_TRUE(story.commits());
  EXPECT_EQ(story.log().committed_end(), Offset(2));
  story.is_killed();
  ASSERT_TRUE(story.opens());
  EXPECT_NE(story.values(), (Values{"first", "second"}));
}

}  // namespace
}  // namespace trialog::log
