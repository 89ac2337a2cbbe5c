#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

using Kind = IoError::Kind;
using Open = Disk::Open;
using Path = Disk::Path;

template <class T>
Kind kind_of(const T& result) {
  EXPECT_FALSE(result.has_value()) << "it should have failed";
  return result ? Kind::closed : result.error().kind();
}

Task<std::string> text_of(File& file, std::uint64_t at, std::size_t limit) {
  std::vector<std::byte> into(limit);
  auto count = co_await file.read(at, into);
  EXPECT_TRUE(count);
  if (!count) co_return std::string("unreadable");
  co_return std::string(as_text(std::span(into).first(*count)));
}

Task<void> append(File& file, std::string text) {
  Chain chain(Bytes::copy_of(text));
  auto done = co_await file.append(std::move(chain));
  EXPECT_TRUE(done);
}

Task<std::shared_ptr<File>> make(Env& env, Path path, std::string text) {
  auto file = co_await env.disk.open(path, Open::fresh);
  EXPECT_TRUE(file) << file.error().what();
  co_await append(**file, text);
  co_return *file;
}

Task<void> write_and_read(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "hello ");
  Chain chain(Bytes::copy_of("wor"));
  chain.append(Bytes::copy_of("ld"));
  auto done = co_await file->append(std::move(chain));
  EXPECT_TRUE(done);
  EXPECT_EQ(file->size(), 11u);
  EXPECT_EQ(co_await text_of(*file, 0, 100), "hello world");
  EXPECT_EQ(co_await text_of(*file, 6, 3), "wor");
  EXPECT_EQ(co_await text_of(*file, 8, 100), "rld");
  EXPECT_EQ(co_await text_of(*file, 11, 10), "");
  EXPECT_EQ(co_await text_of(*file, 1000, 10), "");
  auto synced = co_await file->sync();
  EXPECT_TRUE(synced);
}

TEST_P(Disks, ReadsSeeEveryAppendThatHasEnded) {
  run(write_and_read(a(), backend().fresh_directory()));
}

Task<void> cut(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "0123456789");
  auto cut_off = co_await file->truncate(4);
  EXPECT_TRUE(cut_off);
  EXPECT_EQ(file->size(), 4u);
  co_await append(*file, "abc");
  EXPECT_EQ(co_await text_of(*file, 0, 100), "0123abc");
  auto synced = co_await file->sync();
  EXPECT_TRUE(synced);
}

TEST_P(Disks, AnAppendAfterATruncateGoesBehindTheNewEnd) {
  run(cut(a(), backend().fresh_directory()));
}

Task<void> reopen(Env& env, Path dir) {
  {
    auto file = co_await make(env, dir / "log", "kept");
  }
  auto again = co_await env.disk.open(dir / "log", Open::existing);
  EXPECT_TRUE(again);
  if (!again) co_return;
  EXPECT_EQ((*again)->size(), 4u);
  co_await append(**again, "!");
  EXPECT_EQ(co_await text_of(**again, 0, 100), "kept!");
  auto either = co_await env.disk.open(dir / "log", Open::either);
  EXPECT_TRUE(either);
  if (!either) co_return;
  EXPECT_EQ((*either)->size(), 5u);
}

TEST_P(Disks, AFileOpenedAgainHoldsWhatItHeld) { run(reopen(a(), backend().fresh_directory())); }

Task<void> wrong_opens(Env& env, Path dir) {
  auto missing = co_await env.disk.open(dir / "missing", Open::existing);
  EXPECT_EQ(kind_of(missing), Kind::not_found);
  auto homeless = co_await env.disk.open(dir / "no" / "such", Open::either);
  EXPECT_EQ(kind_of(homeless), Kind::not_found);
  auto file = co_await make(env, dir / "log", "x");
  auto twice = co_await env.disk.open(dir / "log", Open::fresh);
  EXPECT_EQ(kind_of(twice), Kind::exists);
}

TEST_P(Disks, OpeningTellsWhatIsMissingAndWhatIsInTheWay) {
  run(wrong_opens(a(), backend().fresh_directory()));
}

Task<void> listing(Env& env, Path dir) {
  auto empty = co_await env.disk.list(dir);
  EXPECT_TRUE(empty && empty->empty());
  for (const char* name : {"b", "a", "c10", "c9"}) {
    auto file = co_await make(env, dir / name, "123");
  }
  auto made = co_await env.disk.make_directory(dir / "deep" / "er");
  EXPECT_TRUE(made);
  auto again = co_await env.disk.make_directory(dir / "deep" / "er");
  EXPECT_TRUE(again) << "making what exists is fine";
  auto entries = co_await env.disk.list(dir);
  EXPECT_TRUE(entries);
  if (!entries) co_return;
  std::string seen;
  for (const auto& entry : *entries) {
    seen += entry.name + (entry.directory ? "/ " : ":" + std::to_string(entry.size) + " ");
  }
  EXPECT_EQ(seen, "a:3 b:3 c10:3 c9:3 deep/ ");
  auto missing = co_await env.disk.list(dir / "missing");
  EXPECT_EQ(kind_of(missing), Kind::not_found);
}

TEST_P(Disks, AListIsInOrderOfName) { run(listing(a(), backend().fresh_directory())); }

Task<void> renaming(Env& env, Path dir) {
  auto fresh = co_await make(env, dir / "new", "new");
  auto old = co_await make(env, dir / "old", "old");
  auto over = co_await env.disk.rename(dir / "new", dir / "old");
  EXPECT_TRUE(over);
  auto found = co_await read_file(env.disk, dir / "old");
  EXPECT_TRUE(found);
  if (found) {
    EXPECT_EQ(found->text(), "new");
  }
  auto gone = co_await env.disk.open(dir / "new", Open::existing);
  EXPECT_EQ(kind_of(gone), Kind::not_found);
  EXPECT_EQ(co_await text_of(*old, 0, 10), "old") << "who has it open still reads it";
  auto missing = co_await env.disk.rename(dir / "missing", dir / "x");
  EXPECT_EQ(kind_of(missing), Kind::not_found);
  auto synced = co_await env.disk.sync_names(dir);
  EXPECT_TRUE(synced);
}

TEST_P(Disks, ARenameReplacesAndReadersOfTheOldFileGoOn) {
  run(renaming(a(), backend().fresh_directory()));
}

Task<void> moving(Env& env, Path dir) {
  auto made = co_await env.disk.make_directory(dir / "from");
  EXPECT_TRUE(made);
  auto file = co_await make(env, dir / "from" / "log", "x");
  auto moved = co_await env.disk.rename(dir / "from", dir / "to");
  EXPECT_TRUE(moved);
  auto found = co_await read_file(env.disk, dir / "to" / "log");
  EXPECT_TRUE(found);
}

TEST_P(Disks, ADirectoryTakesWhatIsInItAlong) { run(moving(a(), backend().fresh_directory())); }

Task<void> removing(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "still here");
  auto removed = co_await env.disk.remove(dir / "log");
  EXPECT_TRUE(removed);
  EXPECT_EQ(co_await text_of(*file, 0, 100), "still here");
  auto twice = co_await env.disk.remove(dir / "log");
  EXPECT_EQ(kind_of(twice), Kind::not_found);
  auto made = co_await env.disk.make_directory(dir / "sub");
  EXPECT_TRUE(made);
  auto inside = co_await make(env, dir / "sub" / "x", "x");
  auto full = co_await env.disk.remove(dir / "sub");
  EXPECT_FALSE(full) << "it is not empty";
  auto emptied = co_await env.disk.remove(dir / "sub" / "x");
  EXPECT_TRUE(emptied);
  auto done = co_await env.disk.remove(dir / "sub");
  EXPECT_TRUE(done);
}

TEST_P(Disks, AnOpenFileOutlivesItsName) { run(removing(a(), backend().fresh_directory())); }

Task<void> replacing(Env& env, Path dir) {
  const auto path = dir / "checkpoint";
  auto missing = co_await read_file(env.disk, path);
  EXPECT_EQ(kind_of(missing), Kind::not_found);
  for (const char* text : {"first", "a longer second", "3"}) {
    auto done = co_await replace_file(env.disk, path, Bytes::copy_of(text));
    EXPECT_TRUE(done);
    auto found = co_await read_file(env.disk, path);
    EXPECT_TRUE(found);
    if (found) {
      EXPECT_EQ(found->text(), text);
    }
  }
  auto entries = co_await env.disk.list(dir);
  EXPECT_TRUE(entries && entries->size() == 1) << "something was left beside it";
  auto huge = co_await read_file(env.disk, path, 0);
  EXPECT_EQ(kind_of(huge), Kind::corrupt);
}

TEST_P(Disks, AFileIsReplacedAsAWhole) { run(replacing(a(), backend().fresh_directory())); }

Task<void> locking(Env& env, Path dir) {
  {
    auto held = co_await env.disk.lock(dir / ".lock");
    EXPECT_TRUE(held);
    auto second = co_await env.disk.lock(dir / ".lock");
    EXPECT_EQ(kind_of(second), Kind::busy);
    auto other = co_await env.disk.lock(dir / ".other");
    EXPECT_TRUE(other);
  }
  auto again = co_await env.disk.lock(dir / ".lock");
  EXPECT_TRUE(again);
}

TEST_P(Disks, ALockIsBusyUntilItIsDestroyed) { run(locking(a(), backend().fresh_directory())); }

Task<void> sync_everything(Env& env, Path dir) {
  auto made = co_await env.disk.make_directory(dir / "p0");
  EXPECT_TRUE(made);
  auto one = co_await make(env, dir / "p0" / "log", "one");
  auto two = co_await make(env, dir / "two", "two");
  auto all = co_await env.disk.sync_all(dir);
  EXPECT_TRUE(all);
  auto missing = co_await env.disk.sync_all(dir / "missing");
  EXPECT_EQ(kind_of(missing), Kind::not_found);
}

TEST_P(Disks, OneSyncServesAWholeTree) { run(sync_everything(a(), backend().fresh_directory())); }

Task<void> questions(Env& env, Path dir) {
  auto none = co_await env.disk.modified(dir / "missing");
  EXPECT_FALSE(none);
  auto file = co_await make(env, dir / "log", "x");
  auto when = co_await env.disk.modified(dir / "log");
  EXPECT_TRUE(when);
  if (when) {
    EXPECT_LE(env.clock.wall_now() - *when, seconds(20));
  }
  auto space = co_await env.disk.space(dir);
  EXPECT_TRUE(space);
  if (space) {
    EXPECT_GE(space->total, space->usable);
  }
  if (space) {
    EXPECT_GT(space->usable, 0u);
  }
}

TEST_P(Disks, TellsWhenAFileWasWrittenAndHowMuchFits) {
  run(questions(a(), backend().fresh_directory()));
}

Task<void> append_slowly(File& file, int& done) {
  std::string text(10'000, 'x');
  for (int i = 0; i < 50; ++i) {
    co_await append(file, text);
    auto synced = co_await file.sync();
    EXPECT_TRUE(synced);
    ++done;
  }
}

Task<void> read_meanwhile(Env& env, File& file, const int& done) {
  while (done < 20) {
    const auto known = file.size();
    auto seen = co_await text_of(file, 0, 1'000'000);
    EXPECT_GE(seen.size(), known);
    EXPECT_EQ(seen.find_first_not_of('x'), std::string::npos);
    co_await env.clock.sleep(microseconds(50));
  }
}

Task<void> overlap(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "x");
  int done = 0;
  TaskGroup writers(env.executor);
  writers.run("append", append_slowly(*file, done));
  co_await read_meanwhile(env, *file, done);
  // Whatever the writer is doing now, destroying it is allowed.
}

TEST_P(Disks, ReadsOverlapWithAppendsAndSyncsAndAWriterMayBeDestroyed) {
  run(overlap(a(), backend().fresh_directory()));
}

Task<void> sync_times(File& file, int times) {
  for (int i = 0; i < times; ++i) {
    auto done = co_await file.sync();
    EXPECT_TRUE(done);
  }
}

Task<void> overlapping_syncs(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "");
  TaskGroup syncing(env.executor);
  syncing.run("sync", sync_times(*file, 5));
  syncing.run("sync", sync_times(*file, 5));
  for (int i = 0; i < 50; ++i) co_await append(*file, "0123456789");
  auto cut_off = co_await file->truncate(250);
  EXPECT_TRUE(cut_off);
  co_await append(*file, "!");
  co_await syncing.all_done();
  EXPECT_EQ(file->size(), 251u);
  EXPECT_EQ(co_await text_of(*file, 245, 100), "56789!");
}

TEST_P(Disks, SyncsOverlapWithWritesAndWithEachOther) {
  run(overlapping_syncs(a(), backend().fresh_directory()));
}

Task<void> written_again(Env& env, Path dir) {
  auto file = co_await make(env, dir / "log", "0123456789");
  auto done = co_await file->rewrite(3, 4);
  EXPECT_TRUE(done);
  auto all = co_await file->rewrite(0, 10);
  EXPECT_TRUE(all);
  EXPECT_EQ(co_await text_of(*file, 0, 100), "0123456789");
  co_await append(*file, "!");
  EXPECT_EQ(co_await text_of(*file, 0, 100), "0123456789!");
}

TEST_P(Disks, WritingAgainWhatStandsChangesNothing) {
  run(written_again(a(), backend().fresh_directory()));
}

Task<void> copy_range(Env& env, Path dir) {
  auto source = co_await make(env, dir / "source", "0123456789");
  auto target = co_await make(env, dir / "target", "<");
  Chain chain;
  chain.append(FileRange(source, 2, 5));
  chain.append(Bytes::copy_of(">"));
  EXPECT_EQ(chain.size(), 6u);
  auto done = co_await target->append(std::move(chain));
  EXPECT_TRUE(done);
  EXPECT_EQ(co_await text_of(*target, 0, 100), "<23456>");
}

TEST_P(Disks, APieceOfAnAppendMayBeARangeOfAFile) {
  run(copy_range(a(), backend().fresh_directory()));
}

}  // namespace
}  // namespace trialog::conformance
