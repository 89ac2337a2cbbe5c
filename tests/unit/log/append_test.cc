#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

TEST(Log, GivesBackWhatWasAppendedInOrder) {
  LogStory story;
  ASSERT_TRUE(story.opens());
  story.creates();
  EXPECT_EQ(story.appends(Values{"a", "b"})->base, Offset(0));
  EXPECT_EQ(story.appends(Values{"c"})->base, Offset(2));
  EXPECT_EQ(story.log().end(), Offset(3));
  EXPECT_EQ(story.log().committed_end(), Offset(0));  // Nothing is durable yet.
  EXPECT_TRUE(story.values().empty());
  ASSERT_TRUE(story.commits());
  EXPECT_EQ(story.values(), (Values{"a", "b", "c"}));
}

TEST(Log, KeepsWhatCountsThroughAPowerLoss) {
  LogStory story;
  ASSERT_TRUE(story.opens());
  story.creates();
  ASSERT_TRUE(story.appends(Values{"a", "b"}));
  ASSERT_TRUE(story.commits());
  story.crashes();
  ASSERT_TRUE(story.opens());
  EXPECT_EQ(story.values(), (Values{"a", "b"}));
  EXPECT_EQ(story.appends(Values{"c"})->base, Offset(2));
  ASSERT_TRUE(story.commits());
  ASSERT_TRUE(story.closes());
  ASSERT_TRUE(story.opens());
  EXPECT_EQ(story.values(), (Values{"a", "b", "c"}));
}

TEST(Log, ReadsFromTheFileWhatIsNotInMemory) {
  LogStory story;
  story.options().cache_bytes = 0;
  story.options().index_interval_bytes = 200;
  ASSERT_TRUE(story.opens());
  story.creates();
  Values expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back("value " + std::to_string(i));
    ASSERT_TRUE(story.appends(Values{expected.back()}));
  }
  ASSERT_TRUE(story.commits());
  EXPECT_EQ(story.values(), expected);
  EXPECT_EQ(story.records(1).size(), 100u);    // A batch at a time.
  EXPECT_EQ(story.records(500).size(), 100u);  // A few at a time.
}

TEST(Log, HasTheFilesThatKafkasToolsOpenFromItsFirstRecordOn) {
  LogStory story;
  ASSERT_TRUE(story.opens());
  story.creates();
  ASSERT_TRUE(story.appends(Values{"a"}));
  ASSERT_TRUE(story.commits());
  const auto files = story.files();
  for (const char* suffix : {".log", ".index", ".timeindex"}) {
    EXPECT_EQ(std::ranges::count(files, std::string("00000000000000000000") + suffix), 1) << suffix;
  }
}

}  // namespace
}  // namespace trialog::log
