#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/quorum/cluster.h"

namespace trialog::quorum::test {
namespace {

/// Half a minute of trouble; the timeouts are so short that it holds some ten elections.
std::vector<std::string> trouble(std::uint64_t seed, int voters, Bugs bugs) {
  Cluster cluster(seed, voters, 1, bugs);
  cluster.suffers(seconds(30));
  return cluster.violations();
}

/// How many seeds it takes until a bug is found; nothing if it is not within `most`.
std::optional<std::uint64_t> found_by(Bug bug, int voters, std::uint64_t most) {
  Bugs bugs;
  bugs.plant(bug);
  for (std::uint64_t seed = 1; seed <= most; ++seed) {
    if (!trouble(seed, voters, bugs).empty()) return seed;
  }
  return std::nullopt;
}

RC_GTEST_PROP(QuorumOfThree, AgreesWhateverHappens, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  RC_LOG() << "seed " << seed;
  Cluster cluster(seed, 3, 2);
  cluster.suffers(seconds(30));
  cluster.heals();
  const bool recovered = cluster.commits_everywhere(seconds(30));
  RC_ASSERT(cluster.violations() == std::vector<std::string>());
  RC_ASSERT(recovered);
}

RC_GTEST_PROP(QuorumOfFive, AgreesWhateverHappens, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  RC_LOG() << "seed " << seed;
  Cluster cluster(seed, 5, 1);
  cluster.suffers(seconds(30));
  cluster.heals();
  const bool recovered = cluster.commits_everywhere(seconds(30));
  RC_ASSERT(cluster.violations() == std::vector<std::string>());
  RC_ASSERT(recovered);
}

TEST(Cluster, GetsWorkDoneAmidTrouble) {
  std::size_t committed = 0;
  int elections = 0;
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Cluster cluster(seed, 3, 2);
    cluster.suffers(seconds(30));
    committed += cluster.committed();
    elections += cluster.elections();
    changes += cluster.voter_changes();
  }
  // What nothing happens to, proves nothing.
  EXPECT_GT(committed, 500u);
  EXPECT_GT(elections, 40);
  EXPECT_GT(changes, 10);
}

TEST(Cluster, FindsAForgottenVote) {
  EXPECT_TRUE(found_by(Bug::vote_not_persisted, 5, 300).has_value());
}

TEST(Cluster, FindsAVoteForAShorterLog) {
  EXPECT_TRUE(found_by(Bug::vote_for_shorter_log, 3, 50).has_value());
}

TEST(Cluster, FindsALeaderThatResumes) {
  EXPECT_TRUE(found_by(Bug::leader_resumes_after_restart, 3, 50).has_value());
}

}  // namespace
}  // namespace trialog::quorum::test
