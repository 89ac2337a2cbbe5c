#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

std::string value_of(int i) { return std::to_string(i) + std::string(100, 'x'); }

/// A follower's log: two batches a segment, offsets 0 to 8 in epochs 0, 1 and 2.
class Truncation : public testing::Test {
 protected:
  void SetUp() override {
    story_.options().segment_bytes = 400;
    story_.options().index_interval_bytes = 100;
    story_.options().retention_ms = -1;
    ASSERT_TRUE(story_.opens());
    story_.creates();
    for (int i = 0; i < 9; ++i) {
      expected_.push_back(value_of(i));
      ASSERT_TRUE(story_.follows(Values{expected_.back()}, i, i / 3));
    }
  }
  Values first(std::size_t count) { return Values(expected_.begin(), expected_.begin() + count); }
  PartitionLog& log() { return story_.log(); }

  LogStory story_;
  Values expected_;
};

TEST_F(Truncation, RemovesRecordsSegmentsAndEpochs) {
  ASSERT_TRUE(story_.commits());
  ASSERT_TRUE(story_.truncates(5));
  EXPECT_EQ(log().end(), Offset(5));
  EXPECT_EQ(log().committed_end(), Offset(5));
  EXPECT_EQ(log().written_end(), Offset(5));
  EXPECT_EQ(log().latest_epoch(), Epoch(1));
  EXPECT_EQ(log().end_of(Epoch(1)).end, Offset(5));
  EXPECT_EQ(story_.values(), first(5));
  for (const auto& name : story_.files()) EXPECT_EQ(name.find("6.log"), std::string::npos) << name;
}

TEST_F(Truncation, TakesWhatIsNotYetWritten) {
  EXPECT_EQ(log().written_end(), Offset(0));
  ASSERT_TRUE(story_.truncates(7));
  ASSERT_TRUE(story_.follows(Values{"new"}, 7, 5));
  ASSERT_TRUE(story_.commits());
  auto wanted = first(7);
  wanted.push_back("new");
  EXPECT_EQ(story_.values(), wanted);
  EXPECT_EQ(log().epoch_at(Offset(7)), Epoch(5));
}

TEST_F(Truncation, IsNotUndoneByACrash) {
  ASSERT_TRUE(story_.commits());
  for (int end = 8; end >= 0; --end) {
    ASSERT_TRUE(story_.truncates(end));
    story_.crashes();
    ASSERT_TRUE(story_.opens());
    EXPECT_EQ(log().end(), Offset(end));
    EXPECT_EQ(story_.values(), first(static_cast<std::size_t>(end)));
  }
}

TEST_F(Truncation, KeepsTheLogUsableAndAcrossACleanStop) {
  ASSERT_TRUE(story_.truncates(4));
  for (int i = 4; i < 9; ++i) {
    expected_[static_cast<std::size_t>(i)] = "again " + value_of(i);
    ASSERT_TRUE(story_.follows(Values{expected_[static_cast<std::size_t>(i)]}, i, 7));
  }
  ASSERT_TRUE(story_.commits());
  EXPECT_EQ(story_.values(), expected_);
  ASSERT_TRUE(story_.closes());
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(story_.values(), expected_);
  EXPECT_EQ(log().epoch_at(Offset(4)), Epoch(7));
  EXPECT_EQ(log().epoch_at(Offset(3)), Epoch(1));
}

TEST_F(Truncation, ForgetsAnEpochThatBeginsAtTheEnd) {
  log().begin_epoch(Epoch(9));
  EXPECT_EQ(log().latest_epoch(), Epoch(9));
  ASSERT_TRUE(story_.truncates(9));
  EXPECT_EQ(log().latest_epoch(), Epoch(2));
  EXPECT_EQ(log().end(), Offset(9));
}

TEST_F(Truncation, TakesABatchWholeThatTheEndLiesIn) {
  ASSERT_TRUE(story_.follows(Values{"a", "b", "c"}, 9, 2));
  ASSERT_TRUE(story_.truncates(11));
  EXPECT_EQ(log().end(), Offset(9));
  EXPECT_EQ(story_.values(), expected_);
}

TEST_F(Truncation, RestoresWhatWasKnownOfProducers) {
  auto send = [&](int sequence) { return story_.appends(batch_from(5, 0, sequence, Values{"p"})); };
  ASSERT_TRUE(send(0));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(send(2));
  ASSERT_TRUE(story_.truncates(11));
  EXPECT_TRUE(send(1)->duplicate);
  EXPECT_EQ(send(3).error(), ErrorCode::out_of_order_sequence_number);
  const auto again = send(2);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->duplicate);
  EXPECT_EQ(again->base, Offset(11));
}

TEST_F(Truncation, TellsWhoWaitsForWhatWentAndLetsNobodyAppendMeanwhile) {
  bool told = true;
  TaskGroup tasks(story_.node().env().executor);
  const auto wait = [](PartitionLog& log, bool& kept) -> Task<void> {
    kept = co_await log.committed(Offset(100));
  };
  tasks.spawn("waits", wait(log(), told));
  const auto cut = [](PartitionLog& log) -> Task<void> {
    (void)co_await log.truncate_to(Offset(2));
  };
  tasks.spawn("cuts", cut(log()));
  bool refused = false;
  while (tasks.size() > 0) {
    story_.node().world().step();
    refused = refused || !story_.appends(Values{"x"});
  }
  EXPECT_FALSE(told);
  EXPECT_TRUE(refused);
}

TEST_F(Truncation, GoesOnWhenWhoAskedForItIsGone) {
  {
    TaskGroup tasks(story_.node().env().executor);
    const auto cut = [](PartitionLog& log) -> Task<void> {
      (void)co_await log.truncate_to(Offset(2));
    };
    tasks.spawn("cuts", cut(log()));
    for (int i = 0; i < 3; ++i) story_.node().world().step();
  }
  ASSERT_TRUE(story_.truncates(2));
  EXPECT_EQ(story_.values(), first(2));
}

/// One producer's batches 0 to 8, of which the first segments are deleted. The power goes after so
/// many steps of a truncation.
void crash_in_a_truncation(std::uint64_t seed, int end, int steps) {
  SCOPED_TRACE(fmt::format("seed {} to {} after {} steps", seed, end, steps));
  LogStory story(seed);
  story.options().segment_bytes = 400;
  ASSERT_TRUE(story.opens());
  story.creates();
  const auto sent = [](int i) { return batch_from(3, 0, i, Values{value_of(i)}); };
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(story.appends(sent(i)));
  ASSERT_TRUE(story.commits());
  ASSERT_TRUE(story.node().run(story.log().delete_before(Offset(4))));
  ASSERT_TRUE(story.closes());
  ASSERT_TRUE(story.opens());
  {
    TaskGroup tasks(story.node().env().executor);
    const auto cut = [](PartitionLog& log, int to) -> Task<void> {
      (void)co_await log.truncate_to(Offset(to));
    };
    tasks.spawn("cuts", cut(story.log(), end));
    auto& world = story.node().world();
    for (int i = 0; i < steps && !world.idle(); ++i) world.step();
  }
  story.crashes();
  ASSERT_TRUE(story.opens());
  const auto reached = static_cast<int>(story.log().end().value);
  EXPECT_GE(reached, end);
  EXPECT_EQ(story.log().start(), Offset(4));
  EXPECT_EQ(std::ssize(story.values()), reached - 4);
  const auto again = story.appends(sent(reached - 1));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base, Offset(reached - 1));
  const auto next = story.appends(sent(reached));
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->duplicate);
}

TEST_F(Truncation, ThatACrashEndsAnywhereLeavesTheLogUpToSomewhereWithItsProducers) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (const int end : {4, 5, 6, 8}) {
      for (int steps = 0; steps < 60; ++steps) crash_in_a_truncation(seed, end, steps);
      if (HasFailure()) return;
    }
  }
}

TEST_F(Truncation, BelowTheStartOrFullyBeginsAnew) {
  ASSERT_TRUE(story_.commits());
  ASSERT_TRUE(story_.node().run(log().delete_before(Offset(5))));
  ASSERT_TRUE(story_.truncates(3));
  EXPECT_EQ(log().start(), Offset(3));
  EXPECT_EQ(log().end(), Offset(3));
  ASSERT_TRUE(story_.node().run(log().truncate_fully_and_start_at(Offset(50))));
  EXPECT_EQ(log().start(), Offset(50));
  EXPECT_EQ(log().latest_epoch(), no_epoch);
  ASSERT_TRUE(story_.follows(Values{"far"}, 50, 4));
  ASSERT_TRUE(story_.commits());
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(log().start(), Offset(50));
  EXPECT_EQ(story_.values(), Values{"far"});
}

TEST_F(Truncation, LowersTheHighWatermarkAndItsCheckpoint) {
  ASSERT_TRUE(story_.commits());
  log().set_high_watermark(Offset(8));
  story_.node().run(story_.node().env().clock.sleep(seconds(6)));
  EXPECT_EQ(story_.text_of("replication-offset-checkpoint"), "0\n1\norders 0 8\n");
  ASSERT_TRUE(story_.truncates(6));
  EXPECT_EQ(story_.text_of("replication-offset-checkpoint"), "0\n1\norders 0 6\n");
}

TEST_F(Truncation, TheHighWatermarkIsThereAgainAfterACrashAndAfterAStop) {
  ASSERT_TRUE(story_.commits());
  log().set_high_watermark(Offset(7));
  EXPECT_EQ(log().recovered_high_watermark(), Offset(7));
  story_.node().run(story_.node().env().clock.sleep(seconds(6)));
  story_.crashes();
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(log().recovered_high_watermark(), Offset(7));
  log().set_high_watermark(Offset(100));
  ASSERT_TRUE(story_.closes());
  ASSERT_TRUE(story_.opens());
  EXPECT_EQ(log().recovered_high_watermark(), Offset(9));
}

TEST_F(Truncation, ALogCannotBeAppendedToOutOfOrder) {
  EXPECT_EQ(story_.follows(Values{"x"}, 8).error(), ErrorCode::offset_out_of_range);
  EXPECT_EQ(log().end(), Offset(9));
}

TEST_F(Truncation, WhatIsAppendedCanBeReadBeforeItIsWritten) {
  story_.options().cache_bytes = 0;
  log().configure(story_.options());
  ASSERT_TRUE(story_.follows(Values{"fresh"}, 9, 2));
  EXPECT_EQ(log().written_end(), Offset(0));
  auto chain = story_.node().run(log().read(Offset(8), Offset(10), 1u << 20));
  ASSERT_TRUE(chain);
  const auto seen = seen_in(*chain, story_.node());
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen.back(), (Seen{9, "fresh"}));
}

TEST_F(Truncation, RaisesTheSignalOfAppendsBeforeAnythingIsWritten) {
  bool woken = false;
  TaskGroup tasks(story_.node().env().executor);
  const auto wait = [](PartitionLog& log, bool& flag) -> Task<void> {
    co_await log.appended().wait();
    flag = true;
  };
  ASSERT_TRUE(story_.commits());
  tasks.run("waits", wait(log(), woken));
  ASSERT_TRUE(story_.follows(Values{"next"}, 9, 2));
  while (!woken) story_.node().world().step();
  EXPECT_LT(log().committed_end(), Offset(10));
}

}  // namespace
}  // namespace trialog::log
