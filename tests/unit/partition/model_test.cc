#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/partition/model.h"

namespace trialog::partition::model {
namespace {

struct Run {
  std::string violation;
  int acknowledged = 0;
  int elections = 0;
};

Run run(Options options, std::uint64_t seed, int steps = 600) {
  Random random(seed);
  options.nodes = static_cast<int>(random.between(3, 5));
  options.min_isr = static_cast<std::size_t>(random.between(1, 2));
  options.page_cache = random.chance(500'000);
  Cluster cluster(options, random.next());
  for (int i = 0; i < steps && cluster.violation().empty(); ++i) cluster.step();
  cluster.settle();
  return {cluster.violation(), cluster.acknowledged(), cluster.elections()};
}

/// The first seed that shows the bug, or -1.
int seeds_until_found(Bug bug, int limit) {
  Options options;
  options.bugs.plant(bug);
  for (int seed = 1; seed <= limit; ++seed) {
    if (!run(options, static_cast<std::uint64_t>(seed)).violation.empty()) return seed;
  }
  return -1;
}

RC_GTEST_PROP(Partition, KeepsWhatItAcknowledgedAndAgrees, ()) {
  const auto seed = *rc::gen::resize(1000, rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(run(Options(), seed).violation == "");
}

TEST(Partition, KeepsItInAThousandRuns) {
  int acknowledged = 0;
  int elections = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto done = run(Options(), seed);
    ASSERT_EQ(done.violation, "") << "seed " << seed;
    acknowledged += done.acknowledged;
    elections += done.elections;
  }
  // The runs say something only if much happens in them.
  EXPECT_GT(acknowledged, 5'000);
  EXPECT_GT(elections, 5'000);
}

class Planted : public testing::TestWithParam<Bug> {};

TEST_P(Planted, IsFoundWithinAThousandRuns) {
  const int seeds = seeds_until_found(GetParam(), 1000);
  RecordProperty("seeds", seeds);
  EXPECT_GT(seeds, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Bugs, Planted,
    testing::Values(Bug::truncate_to_high_watermark, Bug::no_epoch_fence_on_fetch,
                    Bug::join_isr_before_epoch_start, Bug::empty_epoch_not_recorded,
                    Bug::watermark_before_truncation, Bug::pending_isr_shrink_trusted,
                    Bug::pending_isr_growth_ignored, Bug::ack_before_replication),
    [](const auto& test) {
      return std::string(bug_names[static_cast<std::size_t>(test.param)].name);
    });

}  // namespace
}  // namespace trialog::partition::model
