#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "sim/lone_node.h"
#include "sim/pages.h"

namespace trialog::sim {
namespace {

std::vector<std::byte> bytes_of(Random& random, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (auto& byte : bytes) byte = std::byte(1 + random.below(255));  // Never the zero of a hole.
  return bytes;
}

std::string text_of(const Pages& pages) { return std::string(as_text(pages.view())); }

/// Random appends, truncates and syncs of one file, then a power loss. `floor` is what is durable:
/// the contents at the last sync, cut by every truncate since.
RC_GTEST_PROP(DiskCrash, EverythingSyncedSurvives, (std::uint64_t seed)) {
  Random random(seed);
  Pages pages;
  std::string floor;
  std::string now;
  const auto steps = random.below(30);
  for (std::uint64_t i = 0; i < steps; ++i) {
    const auto what = random.below(10);
    if (what < 6) {
      const auto size = random.below(3000);
      const auto bytes = bytes_of(random, size);
      pages.append(bytes);
      now += as_text(bytes);
    } else if (what < 8) {
      const auto size = random.below(now.size() + 1);
      pages.truncate(size);
      now.resize(size);
      if (floor.size() > size) floor.resize(size);
    } else {
      pages.flush(pages.size());
      floor = now;
    }
  }
  RC_ASSERT(text_of(pages) == now);
  pages.crash(random);
  RC_ASSERT(text_of(pages).starts_with(floor));
  RC_ASSERT(pages.clean());
  const auto settled = text_of(pages);
  pages.crash(random);
  RC_ASSERT(text_of(pages) == settled);
}

/// An append on top of synced bytes, crashed under many seeds: how it may end.
std::set<std::string> endings() {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Pages pages;
    const std::string synced(100, 's'), fresh(3 * sector, 'n');
    pages.append(as_bytes(synced));
    pages.flush(pages.size());
    pages.append(as_bytes(fresh));
    pages.crash(random);
    const auto text = text_of(pages);
    const auto tail = text.substr(100);
    const bool hole = tail.find('\0') != std::string::npos;
    const bool whole = tail == fresh;
    if (whole) seen.insert("kept");
    if (tail.empty()) seen.insert("lost");
    if (!whole && !hole && !tail.empty()) seen.insert("prefix");
    if (hole && tail.back() == 'n') seen.insert("hole before data");
    if (hole && tail.find('n') != std::string::npos) seen.insert("torn");
    if (hole && tail.find('n') == std::string::npos) seen.insert("zeros");
  }
  return seen;
}

TEST(DiskCrash, UnsyncedSectorsEndInEveryWayThereIs) {
  const std::set<std::string> all{"kept", "lost", "prefix", "hole before data", "torn", "zeros"};
  EXPECT_EQ(endings(), all);
}

TEST(DiskCrash, AnUnsyncedTruncateMayBeLostAndMayBeKept) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Pages pages;
    pages.append(as_bytes(std::string(1000, 'x')));
    pages.flush(1000);
    pages.truncate(10);
    pages.crash(random);
    sizes.insert(pages.size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{10, 1000}));
}

// Names.

Task<void> create(Env& env, Disk::Path path, std::string text) {
  auto file = co_await env.disk.open(path, Disk::Open::fresh);
  Chain chain(Bytes::copy_of(text));
  auto appended = co_await (*file)->append(std::move(chain));
  EXPECT_TRUE(appended);
  auto synced = co_await (*file)->sync();
  EXPECT_TRUE(synced);
}

Task<void> replace(Env& env, Disk::Path path, std::string text) {
  auto done = co_await replace_file(env.disk, path, Bytes::copy_of(text));
  EXPECT_TRUE(done);
}

Task<std::string> contents(Env& env, Disk::Path path) {
  auto found = co_await read_file(env.disk, path);
  if (!found) co_return std::string("none");
  co_return std::string(found->text());
}

Task<void> sync_names(Env& env, Disk::Path directory) {
  auto done = co_await env.disk.sync_names(directory);
  EXPECT_TRUE(done);
}

TEST(DiskCrash, AnUnsyncedNameMayVanishAndASyncedOneStays) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    LoneNode node(seed);
    node.run(create(node.env(), "/data/kept", "k"));
    node.run(sync_names(node.env(), "/data"));
    node.run(create(node.env(), "/data/perhaps", "p"));
    node.crash();
    EXPECT_EQ(node.run(contents(node.env(), "/data/kept")), "k");
    seen.insert(node.run(contents(node.env(), "/data/perhaps")));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"none", "p"}));
}

TEST(DiskCrash, AReplacedFileIsOldOrNewAtEveryMomentOfTheReplacing) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    LoneNode node(seed);
    node.run(replace(node.env(), "/data/checkpoint", "old"));
    {
      TaskGroup group(node.env().executor);
      group.spawn("replace", replace(node.env(), "/data/checkpoint", "new"));
      node.world().run_for(microseconds(seed * 50));
    }
    node.crash();
    seen.insert(node.run(contents(node.env(), "/data/checkpoint")));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

Task<void> move_and_sync(Env& env, Disk::Path from, Disk::Path to) {
  auto moved = co_await env.disk.rename(from, to);
  EXPECT_TRUE(moved);
  auto synced = co_await env.disk.sync_names(to.parent_path());
  EXPECT_TRUE(synced);
}

Task<void> make(Env& env, Disk::Path path) {
  auto made = co_await env.disk.make_directory(path);
  EXPECT_TRUE(made);
}

Task<void> sync_tree(Env& env, Disk::Path path) {
  auto done = co_await env.disk.sync_all(path);
  EXPECT_TRUE(done);
}

TEST(DiskCrash, ARenameBetweenDirectoriesNeverLeavesTwoOrNone) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    LoneNode node(seed);
    node.run(make(node.env(), "/data/a"));
    node.run(make(node.env(), "/data/b"));
    node.run(sync_tree(node.env(), "/data"));
    node.run(create(node.env(), "/data/a/x", "x"));
    node.run(move_and_sync(node.env(), "/data/a/x", "/data/b/y"));
    node.crash();
    EXPECT_EQ(node.run(contents(node.env(), "/data/a/x")), "none") << seed;
    EXPECT_EQ(node.run(contents(node.env(), "/data/b/y")), "x") << seed;
  }
}

TEST(DiskCrash, SyncAllKeepsNamesAndBytesBelow) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    LoneNode node(seed);
    node.run(make(node.env(), "/data/p"));
    {
      auto file = node.volume().open("/data/p/log", Disk::Open::fresh, WallTime());
      (*file)->pages.append(as_bytes("bytes"));
    }
    node.run(sync_tree(node.env(), "/data"));
    node.crash();
    EXPECT_EQ(node.run(contents(node.env(), "/data/p/log")), "bytes");
  }
}

TEST(DiskCrash, StoppingAProcessKeepsThePageCache) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    LoneNode node(seed);
    node.run(create(node.env(), "/data/x", "x"));
    node.reboot();
    EXPECT_EQ(node.run(contents(node.env(), "/data/x")), "x");
  }
}

Task<void> lock(Env& env, std::unique_ptr<DirectoryLock>& into, bool& busy) {
  auto held = co_await env.disk.lock("/data/.lock");
  busy = !held;
  if (held) into = std::move(*held);
}

TEST(DiskCrash, ACrashFreesLocks) {
  class Holder : public Process {
   public:
    std::unique_ptr<DirectoryLock> held;
  };
  Datacenter datacenter(1);
  auto& machine = datacenter.machine("node1");
  machine.start([](Env) { return std::make_unique<Holder>(); });
  bool busy = true;
  auto* holder = static_cast<Holder*>(machine.process());
  ASSERT_TRUE(
      run_to_end(datacenter.world(), machine.env(), lock(machine.env(), holder->held, busy)));
  EXPECT_FALSE(busy);
  std::unique_ptr<DirectoryLock> second;
  ASSERT_TRUE(run_to_end(datacenter.world(), machine.env(), lock(machine.env(), second, busy)));
  EXPECT_TRUE(busy);
  machine.crash();
  machine.restart();
  ASSERT_TRUE(run_to_end(datacenter.world(), machine.env(), lock(machine.env(), second, busy)));
  EXPECT_FALSE(busy);
  second.reset();
}

TEST(DiskCrash, ASnapshotCanBeRestoredAndAWipedDiskIsEmpty) {
  LoneNode node(1);
  node.run(replace(node.env(), "/data/x", "older"));
  const auto image = node.machine().disk_image();
  node.run(replace(node.env(), "/data/x", "newer"));
  node.machine().crash();
  node.machine().restore_disk(image);
  node.machine().restart();
  EXPECT_EQ(node.run(contents(node.env(), "/data/x")), "older");
  node.machine().crash();
  node.machine().wipe_disk();
  node.machine().restart();
  EXPECT_EQ(node.run(contents(node.env(), "/data/x")), "none");
}

}  // namespace
}  // namespace trialog::sim
