#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/log/names.h"
#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

using Values = std::vector<std::string>;

/// A replica of which another copy of every batch exists, two batches a segment.
class Replica {
 public:
  explicit Replica(std::uint64_t seed = 1, int count = 9) : story_(seed) {
    auto& options = story_.options();
    options.segment_bytes = 400;
    options.index_interval_bytes = 100;
    options.retention_ms = -1;
    options.cache_bytes = 0;
    RC_ASSERT(story_.opens().has_value());
    story_.creates();
    for (int i = 0; i < count; ++i) appends(i);
    RC_ASSERT(story_.commits());
    log().set_high_watermark(log().end());
  }

  void appends(int i) {
    auto batch = batch_of(Values{value_of(i)}, i * 1000);
    batch.place(Offset(i), Epoch(i / 3));
    copies_.push_back(*records::Batch::parse(Bytes::copy_of(batch.bytes().text())));
    RC_ASSERT(log().append_as_follower(std::move(batch)).has_value());
  }
  static std::string value_of(std::int64_t i) { return std::to_string(i) + std::string(80, 'x'); }

  PartitionLog& log() { return story_.log(); }
  LogStory& story() { return story_; }
  int count() const { return static_cast<int>(copies_.size()); }
  /// Where the batch of `offset` lies.
  std::string file_of(int offset) const {
    return "data/orders-0/" + segment_name(Offset(offset / 2 * 2), ".log");
  }
  std::uint64_t place_of(int offset) const {
    return offset % 2 == 0 ? 0 : copies_[static_cast<std::size_t>(offset - 1)].size();
  }
  void rots(int offset, std::uint64_t byte, unsigned bit = 3) {
    RC_ASSERT(story_.node().volume().rot(file_of(offset), place_of(offset) + byte, bit));
  }

  /// Reads at `offset`: the value, or nothing because it is damaged. Any other is a failure.
  std::optional<std::string> reads(std::int64_t offset) {
    auto chain = story_.node().run(log().read(Offset(offset), Offset(offset + 1), 1));
    if (!chain) {
      RC_ASSERT(chain.error().kind() == IoError::Kind::corrupt);
      return std::nullopt;
    }
    const auto seen = seen_in(*chain, story_.node());
    RC_ASSERT(seen.size() == 1u);
    RC_ASSERT(seen.front().offset == offset);
    RC_ASSERT(seen.front().value == value_of(offset));
    return seen.front().value;
  }
  /// Reads everything: how many are damaged.
  int reads_all() {
    int damaged = 0;
    for (int i = 0; i < count(); ++i) damaged += reads(i) ? 0 : 1;
    return damaged;
  }
  std::vector<records::Batch> copies(std::int64_t from, std::int64_t end) const {
    std::vector<records::Batch> batches;
    for (const auto& copy : copies_) {
      if (copy.base().value >= from && copy.end().value <= end) batches.push_back(copy);
    }
    return batches;
  }
  Status repairs(const DamagedRange& range) {
    return story_.node().run(log().repair(copies(range.from.value, range.end.value)));
  }
  void repairs_all() {
    for (const auto& range : log().damaged()) RC_ASSERT(repairs(range).has_value());
  }
  /// Long enough for the checkpoint of the high watermark.
  void rests() { story_.node().run(story_.node().env().clock.sleep(seconds(6))); }

 private:
  LogStory story_;
  std::vector<records::Batch> copies_;
};

TEST(Rot, OfAnyFieldIsNeverServedAndIsRepaired) {
  struct {
    const char* what;
    std::uint64_t byte;
  } const places[] = {{"base offset", 7},  {"base offset, far", 3}, {"length", 11},
                      {"length, huge", 8}, {"leader epoch", 15},    {"magic", 16},
                      {"CRC", 18},         {"attributes", 22},      {"last offset delta", 26},
                      {"records", 80}};
  for (const auto& place : places) {
    for (int offset = 0; offset < 9; ++offset) {
      Replica replica;
      replica.rots(offset, place.byte, 1);
      EXPECT_FALSE(replica.reads(offset)) << place.what << " of " << offset;
      EXPECT_EQ(replica.reads_all(), 1) << place.what << " of " << offset;
      const std::vector<DamagedRange> expected{DamagedRange(Offset(offset), Offset(offset + 1))};
      ASSERT_EQ(replica.log().damaged(), expected) << place.what << " of " << offset;
      ASSERT_TRUE(replica.repairs(expected.front())) << place.what << " of " << offset;
      EXPECT_TRUE(replica.log().damaged().empty());
      EXPECT_EQ(replica.reads_all(), 0);
    }
  }
}

TEST(Rot, IsRepairedForGood) {
  for (const bool clean : {true, false}) {
    Replica replica;
    replica.rots(8, 80);
    replica.rots(3, 80);
    EXPECT_EQ(replica.reads_all(), 2);
    replica.repairs_all();
    replica.rests();
    clean ? replica.story().closes().value() : replica.story().crashes();
    ASSERT_TRUE(replica.story().opens());
    EXPECT_EQ(replica.reads_all(), 0);
    EXPECT_EQ(replica.log().end(), Offset(9));
    EXPECT_EQ(replica.log().epoch_at(Offset(8)), Epoch(2));
  }
}

TEST(Rot, WhatDoesNotFillTheDamageDoesNotRepairIt) {
  Replica replica;
  replica.rots(3, 80);
  EXPECT_FALSE(replica.reads(3));
  EXPECT_FALSE(replica.repairs(DamagedRange(Offset(2), Offset(3))));
  EXPECT_FALSE(replica.repairs(DamagedRange(Offset(2), Offset(4))));
  EXPECT_FALSE(replica.repairs(DamagedRange(Offset(5), Offset(5))));
  EXPECT_FALSE(replica.reads(3));
}

TEST(Rot, OnceInAReadIsReadAgain) {
  for (const auto fault : {sim::DiskFault::misdirected_read, sim::DiskFault::short_read}) {
    Replica replica;
    replica.story().node().volume().faults.arm(fault, ".log");
    EXPECT_TRUE(replica.reads(4));
    EXPECT_TRUE(replica.log().damaged().empty());
  }
}

TEST(Rot, OfWhatAReadTurnsForGoodIsNoted) {
  Replica replica;
  replica.story().node().volume().faults.arm(sim::DiskFault::bit_rot, "2.log");
  for (int i = 0; i < 9; ++i) (void)replica.reads(i);
  EXPECT_EQ(replica.log().damaged().size(), 1u);
}

TEST(Rot, OfAWriteThatLandedElsewhereIsFound) {
  Replica replica;
  replica.story().node().volume().faults.arm(sim::DiskFault::misdirected_write, ".log");
  replica.appends(9);
  ASSERT_TRUE(replica.story().commits());
  EXPECT_GE(replica.reads_all(), 1);
  replica.repairs_all();
  EXPECT_EQ(replica.reads_all(), 0);
}

TEST(Rot, OfAnIndexIsMadeGoodFromTheBatches) {
  Replica replica;
  replica.story().closes().value();
  for (const auto& name : {"00000000000000000000.index", "00000000000000000002.index"}) {
    auto index = std::string(replica.story().bytes_of("orders-0/" + std::string(name)).text());
    ASSERT_FALSE(index.empty());
    index[7] = static_cast<char>(index[7] ^ 1);
    replica.story().writes("orders-0/" + std::string(name), index);
  }
  ASSERT_TRUE(replica.story().opens());
  EXPECT_EQ(replica.reads_all(), 0);
  EXPECT_TRUE(replica.log().damaged().empty());
}

TEST(Rot, IsFoundByTheScrubberWhereNobodyReads) {
  Replica replica;
  replica.rots(1, 80);
  replica.rots(4, 80);
  bool told = false;
  TaskGroup tasks(replica.story().node().env().executor);
  const auto wait = [](Signal& found, bool& flag) -> Task<void> {
    co_await found.wait();
    flag = true;
  };
  tasks.run("waits", wait(replica.story().directory().damage_found(), told));
  replica.story().directory().scrub(150);
  replica.story().node().run(replica.story().node().env().clock.sleep(seconds(30)));
  const std::vector<DamagedRange> expected{DamagedRange(Offset(1), Offset(2)),
                                           DamagedRange(Offset(4), Offset(5))};
  EXPECT_EQ(replica.log().damaged(), expected);
  EXPECT_TRUE(told);
}

TEST(Rot, OfWhatWasDurableDoesNotCostWhatLiesBehindItInACrash) {
  for (int offset = 0; offset < 8; ++offset) {
    Replica replica;
    replica.rests();
    replica.rots(offset, 80);
    replica.story().crashes();
    ASSERT_TRUE(replica.story().opens());
    EXPECT_EQ(replica.log().end(), Offset(9)) << offset;
    EXPECT_EQ(replica.reads_all(), 1) << offset;
    replica.repairs_all();
    EXPECT_EQ(replica.reads_all(), 0) << offset;
    EXPECT_EQ(replica.log().epoch_at(Offset(offset)), Epoch(offset / 3));
  }
}

TEST(Rot, OfTheLastBatchCutsIt) {
  Replica replica;
  replica.rests();
  replica.rots(8, 80);
  replica.story().crashes();
  ASSERT_TRUE(replica.story().opens());
  EXPECT_EQ(replica.log().end(), Offset(8));
  EXPECT_EQ(replica.log().recovered_high_watermark(), Offset(8));
}

TEST(Rot, BehindTheHighWatermarkIsWhatTheCrashTore) {
  Replica replica;
  replica.story().plant(Bug::count_before_sync);  // Nothing but a way to have none of it known.
  replica.log().set_high_watermark(Offset(6));
  replica.rests();
  replica.rots(6, 80);
  replica.story().crashes();
  replica.story().writes("recovery-point-offset-checkpoint", "");
  ASSERT_TRUE(replica.story().opens());
  EXPECT_EQ(replica.log().end(), Offset(6));
}

TEST(Rot, ACrashDuringARepairLeavesTheDamageOrMendsIt) {
  unsigned mended = 0;
  for (unsigned steps = 0; steps < 60; ++steps) {
    Replica replica(steps);
    replica.rests();
    replica.rots(3, 80);
    EXPECT_FALSE(replica.reads(3));
    {
      TaskGroup tasks(replica.story().node().env().executor);
      const auto mend = [](Replica& one) -> Task<void> {
        (void)co_await one.log().repair(one.copies(3, 4));
      };
      tasks.spawn("mends", mend(replica));
      for (unsigned i = 0; i < steps; ++i) replica.story().node().world().step();
    }
    replica.story().crashes();
    ASSERT_TRUE(replica.story().opens());
    EXPECT_EQ(replica.log().end(), Offset(9));
    const auto damaged = replica.reads_all();
    EXPECT_LE(damaged, 1);
    mended += damaged == 0;
    replica.repairs_all();
    EXPECT_EQ(replica.reads_all(), 0);
  }
  EXPECT_GT(mended, 0u);
  EXPECT_LT(mended, 60u);
}

/// Any number of bits anywhere, found by reading, by scrubbing or by a crash: what is read is right
/// or refused, and what is refused can be repaired.
RC_GTEST_PROP(Rot, AnywhereIsFoundAndRepaired, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange(2, 14);
  Replica replica(seed, count);
  replica.rests();
  // One batch at a time: the offset is under no CRC, so two neighbours can be made to agree.
  const auto offset = *rc::gen::inRange(0, count);
  replica.rots(offset, *rc::gen::inRange(0u, 150u), *rc::gen::inRange(0u, 8u));
  if (*rc::gen::arbitrary<bool>()) {
    replica.story().directory().scrub(200);
    replica.story().node().run(replica.story().node().env().clock.sleep(seconds(40)));
  }
  const auto end = static_cast<int>(replica.log().end().value);
  RC_ASSERT(end == count);
  for (int i = 0; i < end; ++i) (void)replica.reads(i);
  replica.repairs_all();
  RC_ASSERT(replica.log().damaged().empty());
  for (int i = 0; i < end; ++i) RC_ASSERT(replica.reads(i).has_value());
  replica.story().crashes();
  RC_ASSERT(replica.story().opens().has_value());
  RC_ASSERT(replica.log().end().value == end);
  for (int i = 0; i < end; ++i) RC_ASSERT(replica.reads(i).has_value());
}

}  // namespace
}  // namespace trialog::log
