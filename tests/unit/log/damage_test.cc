#include <gtest/gtest.h>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

/// A directory with one log of three segments, stopped cleanly or not.
class Damage : public testing::Test {
 protected:
  void SetUp() override {
    story_.options().segment_bytes = 400;
    story_.options().index_interval_bytes = 100;
    ASSERT_TRUE(story_.opens());
    story_.creates();
    for (int i = 0; i < 7; ++i) {
      expected_.push_back(std::to_string(i) + std::string(100, 'x'));
      ASSERT_TRUE(story_.appends(batch_of(Values{expected_.back()}, i * 1000)));
    }
    ASSERT_TRUE(story_.commits());
  }

  void expect_refused(const std::string& name, const std::string& what) {
    const auto opened = story_.opens();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().what().find(name), std::string::npos) << opened.error().what();
    EXPECT_NE(opened.error().what().find(what), std::string::npos) << opened.error().what();
  }
  /// Lost its contents, or never was there.
  void loses(const std::string& path) {
    ASSERT_TRUE(story_.node().run(story_.node().env().disk.remove("data/" + path)).has_value());
  }

  LogStory story_;
  Values expected_;
  const std::string first_ = "orders-0/00000000000000000000";
};

TEST_F(Damage, OfCheckpointsIsMadeGood) {
  for (const bool clean : {true, false}) {
    clean ? story_.closes().value() : story_.is_killed();
    for (const char* name : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint",
                             "orders-0/leader-epoch-checkpoint"}) {
      story_.writes(name, "7\nwhat is this");
    }
    ASSERT_TRUE(story_.opens());
    EXPECT_EQ(story_.values(), expected_);
    EXPECT_EQ(story_.log().latest_epoch(), Epoch(0));
    EXPECT_EQ(story_.log().end_of(Epoch(0)).end, Offset(7));
  }
}

TEST_F(Damage, OfIndexesIsMadeGood) {
  story_.closes().value();
  story_.writes(first_ + ".index", "not an index");
  loses(first_ + ".timeindex");
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.values(), expected_);
  auto found = story_.node().run(story_.log().first_at_or_after(wall_time(1000)));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((**found).offset, Offset(1));
}

TEST_F(Damage, OfASnapshotIsMadeGoodFromTheBatches) {
  ASSERT_TRUE(story_.appends(batch_from(9, 0, 0, Values{"once"})));
  expected_.push_back("once");
  ASSERT_TRUE(story_.commits());
  story_.closes().value();
  story_.writes("orders-0/00000000000000000008.snapshot", "no snapshot");
  ASSERT_TRUE(story_.opens());
  const auto again = story_.appends(batch_from(9, 0, 0, Values{"once"}));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base, Offset(7));
  EXPECT_EQ(story_.values(), expected_);
}

/// The snapshot where a segment begins is written again: what is before it may be deleted.
TEST_F(Damage, OfSnapshotsOutlivesTheSegmentsThatTheyWereMadeFrom) {
  ASSERT_TRUE(story_.appends(batch_from(9, 0, 0, Values{"once"})));
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(story_.appends(batch_of(Values{std::string(100, 'y')}, 9000)));
  }
  ASSERT_TRUE(story_.commits());
  story_.is_killed();
  for (const auto& name : story_.files()) {
    if (name.ends_with(".snapshot")) loses("orders-0/" + name);
  }
  ASSERT_TRUE(story_.opens());
  ASSERT_TRUE(story_.node().run(story_.log().delete_before(Offset(14))));
  story_.is_killed();
  ASSERT_TRUE(story_.opens());
  const auto again = story_.appends(batch_from(9, 0, 0, Values{"once"}));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base, Offset(7));
}

/// It knows of one batch where three have been sent: the fourth would be refused.
TEST_F(Damage, LeavesNoSnapshotInUseThatIsOlderThanTheLog) {
  ASSERT_TRUE(story_.appends(batch_from(9, 0, 0, Values{"first"})));
  ASSERT_TRUE(story_.commits());
  story_.closes().value();
  const auto old = story_.bytes_of("orders-0/00000000000000000008.snapshot");
  ASSERT_TRUE(story_.opens());
  for (int i = 1; i < 3; ++i) {
    ASSERT_TRUE(story_.appends(batch_from(9, 0, i, Values{std::string(300, 'x')})));
  }
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(story_.appends(batch_of(Values{std::string(100, 'y')}, 9000)));
  }
  ASSERT_TRUE(story_.commits());
  ASSERT_TRUE(story_.node().run(story_.log().delete_before(Offset(15))));
  story_.is_killed();
  for (const auto& name : story_.files()) {
    if (name.ends_with(".snapshot")) loses("orders-0/" + name);
  }
  story_.writes("orders-0/00000000000000000008.snapshot", old.text());
  ASSERT_TRUE(story_.opens());
  EXPECT_TRUE(story_.appends(batch_from(9, 0, 3, Values{"fourth"})));
}

TEST_F(Damage, OfThePartitionsIdIsNamed) {
  story_.closes().value();
  story_.writes("orders-0/partition.metadata", "version: 0\ntopic_id: nonsense");
  expect_refused("orders-0/partition.metadata", "should be");
}

TEST_F(Damage, OfTheDirectorysIdentityIsNamed) {
  story_.closes().value();
  story_.writes("meta.properties", "version=1\nnode.id=2\ncluster.id=Mb8C8s65QSWTPQHcspsRIw\n");
  expect_refused("meta.properties", "node.id is 2, but this broker is 1");
  story_.writes("meta.properties", "version=1\nnode.id=1\ncluster.id=another\n");
  expect_refused("meta.properties", "cluster.id is another");
  story_.writes("meta.properties", "version=7\n");
  expect_refused("meta.properties", "should be 1");
  story_.writes("meta.properties", "gibberish\n");
  expect_refused("meta.properties", "not key=value");
}

TEST_F(Damage, OfTheTailIsCutAndSaid) {
  story_.is_killed();
  const auto log = story_.bytes_of("orders-0/00000000000000000006.log");
  auto text = std::string(log.text());
  text.back() = static_cast<char>(text.back() + 1);
  story_.writes("orders-0/00000000000000000006.log", text);
  ASSERT_TRUE(story_.opens());
  expected_.pop_back();
  EXPECT_EQ(story_.values(), expected_);
  EXPECT_EQ(story_.appends(Values{"next"})->base, Offset(6));
}

TEST_F(Damage, InTheMiddleOfWhatMustBeLookedThroughCutsTheLogThere) {
  story_.is_killed();
  story_.writes("recovery-point-offset-checkpoint", "");
  auto text = std::string(story_.bytes_of(first_ + ".log").text());
  text[text.size() - 1] = '!';
  story_.writes(first_ + ".log", text);
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.log().end(), Offset(1));
  for (const auto& name : story_.files()) EXPECT_EQ(name.find("2.log"), std::string::npos) << name;
}

TEST_F(Damage, BehindAMarkOfACleanStopIsStillFound) {
  story_.closes().value();
  auto text = std::string(story_.bytes_of("orders-0/00000000000000000006.log").text());
  story_.writes("orders-0/00000000000000000006.log", text.substr(0, text.size() - 5));
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.log().end(), Offset(6));
}

TEST_F(Damage, AsACleanersCrashLeavesItIsSortedOut) {
  story_.closes().value();
  story_.writes(first_ + ".log.deleted", "x");
  story_.writes("orders-0/00000000000000000002.log.cleaned", "x");
  story_.writes("orders-0/00000000000000000002.log.swap", "x");
  story_.writes("orders-0/00000000000000000099.index", "x");
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.values(), expected_);
  for (const auto& name : story_.files()) {
    EXPECT_EQ(name.find(".deleted"), std::string::npos) << name;
    EXPECT_EQ(name.find(".cleaned"), std::string::npos) << name;
    EXPECT_EQ(name.find(".swap"), std::string::npos) << name;
    EXPECT_EQ(name.find("99.index"), std::string::npos) << name;
  }
}

TEST_F(Damage, ACompleteSwapReplacesTheSegmentsThatItSpans) {
  story_.closes().value();
  const auto merged = std::string(story_.bytes_of(first_ + ".log").text()) +
                      std::string(story_.bytes_of("orders-0/00000000000000000002.log").text());
  story_.writes(first_ + ".log.swap", merged);
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.values(), expected_);
  EXPECT_EQ(story_.bytes_of(first_ + ".log").size(), merged.size());
  EXPECT_TRUE(story_.bytes_of("orders-0/00000000000000000002.log").empty());
}

TEST_F(Damage, ALogThatEndsBeforeItsStartBeginsAnewThere) {
  story_.is_killed();
  story_.writes("log-start-offset-checkpoint", "0\n1\norders 0 100\n");
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.log().start(), Offset(100));
  EXPECT_EQ(story_.appends(Values{"next"})->base, Offset(100));
}

TEST_F(Damage, ADirectoryInUseIsRefused) {
  auto& node = story_.node();
  DirectoryIdentity identity;
  auto second = node.run(LogDirectory::open(node.env(), "data", identity,
                                            [](const TopicPartition&) { return Options(); }));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), IoError::Kind::busy);
}

}  // namespace
}  // namespace trialog::log
