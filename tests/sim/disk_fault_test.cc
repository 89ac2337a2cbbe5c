#include "sim/disk_fault.h"

#include <gtest/gtest.h>

#include "sim/lone_node.h"

namespace trialog::sim {
namespace {

using Kind = IoError::Kind;

/// A node with one file "/data/log" that it keeps open, its name durable.
class Disk : public testing::Test {
 protected:
  Disk() : node_(42) {
    node_.volume().speed.slow_per_million = 0;
    reopen();
    EXPECT_TRUE(node_.volume().sync_names("/data"));
  }

  void reopen() {
    file_ = node_.run(open(node_.env()));
    ASSERT_NE(file_, nullptr);
  }
  void arm(DiskFault fault) { node_.volume().faults.arm(fault, "log"); }
  Status append(std::string text) { return node_.run(append_to(*file_, std::move(text))); }
  Status sync() { return node_.run(file_->sync()); }
  std::string contents() { return node_.run(read(*file_, 1 << 20)); }
  void crash() {
    file_.reset();
    node_.crash();
    reopen();
  }

  static Task<std::shared_ptr<File>> open(Env& env) {
    auto file = co_await env.disk.open("/data/log", trialog::Disk::Open::either);
    if (!file) co_return std::shared_ptr<File>();
    co_return *file;
  }
  static Task<Status> append_to(File& file, std::string text) {
    Chain chain(Bytes::copy_of(text));
    co_return co_await file.append(std::move(chain));
  }
  static Task<std::string> read(File& file, std::size_t limit) {
    std::vector<std::byte> into(limit);
    auto count = co_await file.read(0, into);
    if (!count) co_return "error: " + count.error().what();
    co_return std::string(as_text(std::span(into).first(*count)));
  }

  LoneNode node_;
  std::shared_ptr<File> file_;
};

TEST_F(Disk, AFailedSyncLosesThePagesAndCallsThemClean) {
  ASSERT_TRUE(append("kept "));
  ASSERT_TRUE(sync());
  ASSERT_TRUE(append("lost"));
  arm(DiskFault::sync_error);
  const auto failed = sync();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind(), Kind::broken);
  EXPECT_TRUE(sync()) << "the next sync has nothing left to do";
  EXPECT_EQ(contents(), "kept lost") << "the cache still shows it";
  crash();
  EXPECT_EQ(contents(), "kept " + std::string(4, '\0'));
}

TEST_F(Disk, WhatIsWrittenAgainAfterAFailedSyncIsKept) {
  ASSERT_TRUE(append("saved"));
  arm(DiskFault::sync_error);
  ASSERT_FALSE(sync());
  ASSERT_TRUE(node_.run(file_->rewrite(0, 5)));
  ASSERT_TRUE(sync());
  crash();
  EXPECT_EQ(contents(), "saved");
}

TEST_F(Disk, ALyingSyncSaysYesAndKeepsNothing) {
  ASSERT_TRUE(append("lost"));
  arm(DiskFault::lying_sync);
  EXPECT_TRUE(sync());
  crash();
  EXPECT_EQ(contents(), std::string(4, '\0'));
}

TEST_F(Disk, AReadErrorHappensOnce) {
  ASSERT_TRUE(append("text"));
  arm(DiskFault::read_error);
  EXPECT_EQ(contents(), "error: /data/log: input/output error");
  EXPECT_EQ(contents(), "text");
}

TEST_F(Disk, AWriteErrorLeavesAPart) {
  std::set<std::size_t> sizes;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(node_.run(file_->truncate(0)));
    arm(DiskFault::write_error);
    const auto failed = append("0123456789");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), Kind::broken);
    EXPECT_TRUE(std::string("0123456789").starts_with(contents()));
    sizes.insert(file_->size());
  }
  EXPECT_GT(sizes.size(), 3u);
}

TEST_F(Disk, AFullDiskTakesWhatFitsAndSaysSo) {
  ASSERT_TRUE(append("0123456789"));
  node_.volume().capacity = 15;
  const auto failed = append("0123456789");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind(), Kind::full);
  EXPECT_LE(file_->size(), 15u);
  EXPECT_GE(file_->size(), 10u);
  ASSERT_TRUE(node_.run(file_->truncate(0)));
  EXPECT_TRUE(append("0123456789")) << "there is room again";
  arm(DiskFault::no_space);
  EXPECT_FALSE(append("x"));
}

TEST_F(Disk, ShortReadsAndWritesTakeTimeAndChangeNothing) {
  const auto before = node_.world().now();
  arm(DiskFault::short_write);
  ASSERT_TRUE(append("0123456789"));
  EXPECT_GT(node_.world().now(), before);
  const auto between = node_.world().now();
  arm(DiskFault::short_read);
  EXPECT_EQ(contents(), "0123456789");
  arm(DiskFault::short_read);
  EXPECT_EQ(node_.run(read(*file_, 10)), "0123456789");
  EXPECT_GT(node_.world().now(), between);
}

TEST_F(Disk, BitRotTurnsOneBitForGood) {
  const std::string text(100, 'x');
  ASSERT_TRUE(append(text));
  ASSERT_TRUE(sync());
  arm(DiskFault::bit_rot);
  const auto rotten = contents();
  int bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bits += std::popcount(static_cast<unsigned char>(rotten[i] ^ text[i]));
  }
  EXPECT_EQ(bits, 1);
  EXPECT_EQ(contents(), rotten);
  crash();
  EXPECT_EQ(contents(), rotten);
}

TEST_F(Disk, RotCanBeAimedAtOneBit) {
  ASSERT_TRUE(append("a"));
  EXPECT_TRUE(node_.volume().rot("/data/log", 0, 1));
  EXPECT_EQ(contents(), "c");
  EXPECT_FALSE(node_.volume().rot("/data/log", 1, 0));
  EXPECT_FALSE(node_.volume().rot("/data/none", 0, 0));
}

TEST_F(Disk, AMisdirectedReadGivesAnotherPlace) {
  ASSERT_TRUE(append(std::string(sector, 'a') + std::string(sector, 'b')));
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    arm(DiskFault::misdirected_read);
    seen.insert(node_.run(read(*file_, 4)));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"aaaa", "bbbb"}));
}

TEST_F(Disk, AMisdirectedWriteOverwritesAnotherPlace) {
  ASSERT_TRUE(append(std::string(sector, 'a')));
  arm(DiskFault::misdirected_write);
  ASSERT_TRUE(append("bb"));
  const auto text = contents();
  EXPECT_EQ(text.substr(0, 3), "bba");
  EXPECT_EQ(text.substr(sector), std::string(2, '\0'));
}

TEST_F(Disk, APhantomWriteIsGoneAfterACrashThoughSynced) {
  ASSERT_TRUE(append("there "));
  arm(DiskFault::phantom_write);
  ASSERT_TRUE(append("ghost"));
  ASSERT_TRUE(sync());
  EXPECT_EQ(contents(), "there ghost");
  crash();
  EXPECT_EQ(contents(), "there " + std::string(5, '\0'));
}

TEST_F(Disk, AReadOnlyDiskTakesNothing) {
  node_.volume().read_only = true;
  const auto denied = append("x");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind(), Kind::denied);
  const auto cut = node_.run(file_->truncate(0));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind(), Kind::denied);
  EXPECT_FALSE(node_.run(node_.env().disk.remove("/data/log")));
  EXPECT_FALSE(node_.run(node_.env().disk.make_directory("/data/more")));
}

TEST_F(Disk, AStalledDiskAnswersLater) {
  const auto until = node_.world().now() + seconds(7);
  node_.volume().stalled_until = until;
  ASSERT_TRUE(append("x"));
  EXPECT_GE(node_.world().now(), until);
  EXPECT_LT(node_.world().now(), until + seconds(1));
}

TEST_F(Disk, AThrottledDiskTakesItsTime) {
  node_.volume().speed.bytes_per_second = 1000;
  const auto before = node_.world().now();
  ASSERT_TRUE(append(std::string(5000, 'x')));
  EXPECT_GE(node_.world().now() - before, seconds(5));
}

TEST_F(Disk, RatesStrikeAboutAsOftenAsTheySay) {
  node_.volume().faults.set_rate(DiskFault::write_error, 300'000);
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += append("x") ? 0 : 1;
  EXPECT_GT(failed, 230);
  EXPECT_LT(failed, 370);
  node_.volume().faults.clear();
  EXPECT_TRUE(append("x"));
}

TEST_F(Disk, AnArmedFaultWaitsForAPathThatFits) {
  node_.volume().faults.arm(DiskFault::write_error, "other");
  EXPECT_TRUE(append("x"));
  node_.volume().faults.arm(DiskFault::write_error, "lo");
  EXPECT_FALSE(append("x"));
  EXPECT_TRUE(append("x"));
}

TEST_F(Disk, EveryInjectedFaultIsAnEventOfTheRun) {
  const auto before = node_.world().hash();
  LoneNode twin(42);
  arm(DiskFault::read_error);
  const auto events = node_.world().events();
  EXPECT_NE(contents(), "");
  EXPECT_GT(node_.world().events(), events);
  EXPECT_NE(node_.world().hash(), before);
}

TEST(DiskFault, EachHasItsName) {
  for (std::size_t i = 0; i < disk_fault_count; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(disk_fault_names[i].fault), i);
    EXPECT_EQ(disk_fault_named(disk_fault_names[i].name), disk_fault_names[i].fault);
  }
  EXPECT_FALSE(disk_fault_named("gremlin"));
}

}  // namespace
}  // namespace trialog::sim
