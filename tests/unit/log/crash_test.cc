#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

/// What the log said had been done, before the power went.
struct Told {
  std::vector<std::string> kept;
  std::vector<std::string> cut;  // Gone for good once `truncated`.
  bool truncated = false;
  std::int64_t start = 0;
  bool created = false;
  bool removed = false;
  bool created_again = false;
  bool closed = false;
};

DirectoryIdentity identity() {
  DirectoryIdentity identity;
  identity.cluster_id = "Mb8C8s65QSWTPQHcspsRIw";
  identity.node_id = 1;
  return identity;
}

Options small() {
  Options options;
  options.segment_bytes = 500;
  options.index_interval_bytes = 100;
  options.retention_ms = -1;
  options.file_delete_delay_ms = 1;
  return options;
}

Options small_for(const TopicPartition&) { return small(); }

const std::vector<TopicPartition>& others() {
  static const std::vector<TopicPartition> all{{"other", 3}, {"other", 4}, {"other", 5}};
  return all;
}

std::vector<LogDirectory::NewLog> new_others(const Uuid& topic_id) {
  std::vector<LogDirectory::NewLog> wanted;
  for (const auto& partition : others()) wanted.push_back({partition, topic_id});
  return wanted;
}

Task<void> append(PartitionLog& log, Told& told, int count) {
  for (int i = 0; i < count; ++i) {
    const auto value =
        std::to_string(told.kept.size()) + (told.truncated ? "again" : "") + std::string(80, 'x');
    std::vector<std::string> values;
    values.push_back(value);
    const auto end = log.end() + 1;
    const auto sequence = static_cast<std::int32_t>(log.end().value);
    auto appended = log.append_as_leader(batch_from(1, 0, sequence, values), Epoch(0));
    EXPECT_TRUE(appended.has_value());
    const bool kept = co_await log.committed(end);
    EXPECT_TRUE(kept);
    told.kept.push_back(value);
  }
}

/// While it is being cut, the log may hold anything between the two.
Task<void> truncate(PartitionLog& log, Told& told, std::size_t end) {
  told.cut.assign(told.kept.begin() + static_cast<std::ptrdiff_t>(end), told.kept.end());
  told.kept.resize(end);
  auto cut = co_await log.truncate_to(Offset(static_cast<std::int64_t>(end)));
  EXPECT_TRUE(cut.has_value());
  told.truncated = true;
}

/// Logs that the checkpoints speak of, removed together and made again.
Task<void> replace_others(LogDirectory& directory, Told& told) {
  auto wanted = new_others(Uuid());
  auto created = co_await directory.create(std::move(wanted));
  EXPECT_TRUE(created.has_value());
  for (const auto& partition : others()) {
    const auto log = directory.find(partition);
    std::vector<std::string> values;
    values.push_back("old");
    EXPECT_TRUE(log->append_as_leader(batch_of(values), Epoch(0)).has_value());
  }
  const auto first = directory.find(others().front());
  auto deleted = co_await first->delete_before(Offset(1));
  EXPECT_TRUE(deleted.has_value());
  auto partitions = others();
  auto removed = co_await directory.remove(std::move(partitions));
  EXPECT_TRUE(removed.has_value());
  told.removed = true;
  wanted = new_others(metadata_topic_id());
  auto again = co_await directory.create(std::move(wanted));
  EXPECT_TRUE(again.has_value());
  told.created_again = true;
}

/// A life with everything in it that changes files.
Task<void> live(Env& env, std::unique_ptr<LogDirectory>& directory, Told& told) {
  auto opened = co_await LogDirectory::open(env, "data", identity(), small_for);
  EXPECT_TRUE(opened.has_value());
  directory = std::move(*opened);
  auto created = co_await directory->create(LogStory::orders(), metadata_topic_id());
  EXPECT_TRUE(created.has_value());
  told.created = true;
  auto log = *created;
  co_await append(*log, told, 9);
  auto deleted = co_await log->delete_before(Offset(4));
  EXPECT_TRUE(deleted.has_value());
  told.start = 4;
  co_await append(*log, told, 4);
  co_await truncate(*log, told, 8);
  co_await append(*log, told, 5);
  auto options = small();
  options.retention_bytes = 600;
  log->configure(options);
  auto retained = co_await log->apply_retention(env.clock.wall_now());
  EXPECT_TRUE(retained.has_value());
  told.start = log->start().value;
  co_await append(*log, told, 2);
  co_await replace_others(*directory, told);
  auto closed = co_await directory->close();
  EXPECT_TRUE(closed.has_value());
  told.closed = true;
}

Task<void> open_only(Env& env, std::unique_ptr<LogDirectory>& directory) {
  auto opened = co_await LogDirectory::open(env, "data", identity(), small_for);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().what());
  if (opened) directory = std::move(*opened);
}

/// Runs `task` for at most `steps` events; whether it ended.
bool run_some(sim::LoneNode& node, Task<void> task, unsigned steps) {
  bool ended = false;
  TaskGroup group(node.env().executor);
  const auto body = [](Task<void> inner, bool& done) -> Task<void> {
    co_await inner;
    done = true;
  };
  group.spawn("story", body(std::move(task), ended));
  for (unsigned i = 0; i < steps && !ended && !node.world().idle(); ++i) node.world().step();
  return ended;
}

void expect_kept(sim::LoneNode& node, LogDirectory& directory, const Told& told) {
  const auto log = directory.find(LogStory::orders());
  ASSERT_TRUE(log != nullptr || !told.created);
  if (!log) return;
  EXPECT_EQ(log->topic_id(), metadata_topic_id());
  EXPECT_GE(log->start().value, told.start);
  ASSERT_GE(log->committed_end().value, std::ssize(told.kept));
  std::vector<Seen> seen;
  auto from = log->start();
  while (from < log->committed_end()) {
    auto chain = node.run(log->read(from, log->committed_end(), 1));
    ASSERT_TRUE(chain.has_value()) << chain.error().what();
    const auto some = seen_in(*chain, node);
    ASSERT_FALSE(some.empty());
    seen.insert(seen.end(), some.begin(), some.end());
    from = Offset(some.back().offset + 1);
  }
  auto offset = log->start().value;
  for (const auto& record : seen) {
    ASSERT_EQ(record.offset, offset);
    const auto back = std::find(told.cut.begin(), told.cut.end(), record.value);
    ASSERT_TRUE(back == told.cut.end() || !told.truncated) << record.value;
    if (offset < std::ssize(told.kept)) {
      ASSERT_EQ(record.value, told.kept[static_cast<std::size_t>(offset)]);
    }
    ++offset;
  }
  // A batch that was kept is known when it comes again.
  const auto last = std::ssize(told.kept) - 1;
  for (auto back = last; back >= 0 && back > last - 3; --back) {
    // Five are known, and more than was kept may be there.
    if (log->end().value - back > 5) break;
    std::vector<std::string> values;
    values.push_back(told.kept[static_cast<std::size_t>(back)]);
    const auto sequence = static_cast<std::int32_t>(back);
    const auto again = log->append_as_leader(batch_from(1, 0, sequence, values), Epoch(0));
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->duplicate);
    EXPECT_EQ(again->base.value, back);
  }
}

/// What was removed does not come back, nor does what the checkpoints said of it.
void expect_replaced(LogDirectory& directory, const Told& told) {
  for (const auto& partition : others()) {
    const auto log = directory.find(partition);
    EXPECT_TRUE(log != nullptr || !told.created_again);
    if (!log || !told.removed) continue;
    EXPECT_EQ(log->topic_id(), metadata_topic_id());
    EXPECT_EQ(log->start(), Offset(0));
    EXPECT_EQ(log->end(), Offset(0));
  }
}

/// Lives for `steps` events, loses power, loses it once more while it recovers, and recovers.
bool dies_after(unsigned steps, std::uint64_t seed) {
  sim::LoneNode node(seed);
  Told told;
  std::unique_ptr<LogDirectory> directory;
  const bool lived = run_some(node, live(node.env(), directory, told), steps);
  directory.reset();
  node.crash();
  run_some(node, open_only(node.env(), directory), static_cast<unsigned>(seed * 7 % 60));
  directory.reset();
  node.crash();
  run_some(node, open_only(node.env(), directory), 100'000);
  if (directory) {
    expect_kept(node, *directory, told);
    expect_replaced(*directory, told);
  }
  EXPECT_TRUE(directory != nullptr);
  directory.reset();
  return lived;
}

TEST(LogCrash, AtAnyMomentLosesNothingThatWasToldToBeKept) {
  unsigned points = 0;
  for (unsigned steps = 0; !dies_after(steps, steps + 1); ++steps) {
    ++points;
    if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "after " << steps << " events";
  }
  EXPECT_GT(points, 200u);
}

TEST(LogCrash, AlsoOnOtherDisks) {
  for (std::uint64_t seed = 1000; seed < 1150; ++seed) {
    dies_after(static_cast<unsigned>(seed * 31 % 400), seed);
    if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace trialog::log
