#include "core/client/partitioner.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "core/base/bytes.h"

namespace trialog::client {
namespace {

using MaybeBytes = Partitioner::MaybeBytes;

const std::vector<std::int32_t> all_of_4 = {0, 1, 2, 3};

/// A producer that asks one partitioner, of a topic of four partitions if nothing else is said.
class Partitioning : public testing::Test {
 protected:
  std::int32_t choose(Partitioner& partitioner, MaybeBytes key,
                      const PartitionsOfTopic& partitions) {
    const auto chosen = partitioner.choose(partitions, key, as_bytes("value"), random_);
    EXPECT_GE(chosen, 0);
    EXPECT_LT(chosen, partitions.count);
    return chosen;
  }
  std::int32_t choose(Partitioner& partitioner, MaybeBytes key = std::nullopt) {
    return choose(partitioner, key, four_);
  }

  PartitionsOfTopic four_{"orders", 4, all_of_4};
  Random random_{1};
  DefaultPartitioner default_;
  RoundRobinPartitioner round_robin_;
  MurmurPartitioner murmur_;
};

TEST_F(Partitioning, PutsAKeyWhereJavasClientPutsIt) {
  std::ifstream file(TRIALOG_KAFKA_DATA "/vectors/records.tsv");
  int keys = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string kind, said, hex;
    std::getline(columns, kind, '\t');
    std::getline(columns, said, '\t');
    std::getline(columns, hex, '\t');
    if (kind != "murmur2") continue;
    ++keys;
    const auto key = from_hex(hex);
    for (const int count : {1, 3, 7, 50}) {
      const auto partition = nlohmann::json::parse(said)["of" + std::to_string(count)].get<int>();
      EXPECT_EQ(choose(default_, key, {"orders", count, {}}), partition) << hex;
      EXPECT_EQ(choose(murmur_, key, {"orders", count, {}}), partition) << hex;
    }
  }
  if (keys == 0) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
}

TEST_F(Partitioning, KeepsAKeysPartitionAlsoWhileItHasNoLeader) {
  const auto home = choose(default_, as_bytes("key"));
  std::vector<std::int32_t> others;
  for (const auto partition : all_of_4) {
    if (partition != home) others.push_back(partition);
  }
  EXPECT_EQ(choose(default_, as_bytes("key"), {"orders", 4, others}), home);
  EXPECT_EQ(choose(murmur_, as_bytes("key"), {"orders", 4, others}), home);
}

TEST_F(Partitioning, TakesAnEmptyKeyForAKey) {
  // 275646681, the murmur2 hash of nothing, is 1 of 4.
  EXPECT_EQ(choose(default_, as_bytes("")), 1);
  EXPECT_EQ(choose(murmur_, as_bytes("")), 1);
}

TEST_F(Partitioning, SticksToOnePartitionUntilItsBatchIsFull) {
  std::set<std::int32_t> seen;
  for (int batch = 0; batch < 50; ++batch) {
    const auto partition = choose(default_);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(choose(default_), partition);
    default_.on_new_batch(four_, partition, random_);
    EXPECT_NE(choose(default_), partition);
    seen.insert(partition);
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(Partitioning, SpreadsStickyBatchesEvenly) {
  std::map<std::int32_t, int> batches;
  for (int batch = 0; batch < 4000; ++batch) {
    const auto partition = choose(default_);
    ++batches[partition];
    default_.on_new_batch(four_, partition, random_);
  }
  for (const auto partition : all_of_4) {
    EXPECT_GT(batches[partition], 900) << partition;
    EXPECT_LT(batches[partition], 1100) << partition;
  }
}

TEST_F(Partitioning, StaysWhenTheFullBatchIsThatOfAnotherPartition) {
  const auto partition = choose(default_);
  default_.on_new_batch(four_, (partition + 1) % 4, random_);
  EXPECT_EQ(choose(default_), partition);
}

TEST_F(Partitioning, MovesOnlyToPartitionsThatHaveALeader) {
  const std::vector<std::int32_t> two = {1, 3};
  const PartitionsOfTopic partitions{"orders", 4, two};
  for (int batch = 0; batch < 20; ++batch) {
    const auto partition = choose(default_, std::nullopt, partitions);
    EXPECT_TRUE(partition == 1 || partition == 3);
    default_.on_new_batch(partitions, partition, random_);
    EXPECT_EQ(choose(default_, std::nullopt, partitions), partition == 1 ? 3 : 1);
  }
  const std::vector<std::int32_t> one = {2};
  default_.on_new_batch({"orders", 4, one}, choose(default_), random_);
  EXPECT_EQ(choose(default_), 2);
  default_.on_new_batch({"orders", 4, one}, 2, random_);
  EXPECT_EQ(choose(default_), 2);  // There is no other.
}

TEST_F(Partitioning, SticksPerTopic) {
  const PartitionsOfTopic one{"single", 1, {}};
  const auto partition = choose(default_);
  EXPECT_EQ(choose(default_, std::nullopt, one), 0);
  default_.on_new_batch(one, 0, random_);
  EXPECT_EQ(choose(default_), partition);
}

TEST_F(Partitioning, ChoosesAgainOnceTheTopicHasFewerPartitions) {
  while (choose(default_) == 0) default_.on_new_batch(four_, 0, random_);
  EXPECT_EQ(choose(default_, std::nullopt, {"orders", 1, {}}), 0);
}

TEST_F(Partitioning, GoesRoundWhateverTheKeyAndTopicByTopic) {
  const PartitionsOfTopic other{"other", 4, all_of_4};
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(choose(round_robin_, as_bytes("key")), i % 4);
    EXPECT_EQ(choose(round_robin_, std::nullopt, other), i % 4);
  }
}

TEST_F(Partitioning, GoesRoundAmongThoseWithALeader) {
  const std::vector<std::int32_t> two = {1, 3};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(choose(round_robin_, std::nullopt, {"orders", 4, two}), i % 2 == 0 ? 1 : 3);
  }
  for (int i = 6; i < 12; ++i) {
    EXPECT_EQ(choose(round_robin_, std::nullopt, {"orders", 4, {}}), i % 4);
  }
}

TEST_F(Partitioning, GoesRoundForRecordsWithoutAKeyOnly) {
  const auto home = choose(murmur_, as_bytes("key"));
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(choose(murmur_), i % 4);
    EXPECT_EQ(choose(murmur_, as_bytes("key")), home);
  }
}

TEST_F(Partitioning, IsTheSameFromTheSameSeed) {
  const auto run = [this](std::uint64_t seed) {
    DefaultPartitioner partitioner;
    Random random(seed);
    std::vector<std::int32_t> chosen;
    for (int batch = 0; batch < 20; ++batch) {
      chosen.push_back(partitioner.choose(four_, std::nullopt, std::nullopt, random));
      partitioner.on_new_batch(four_, chosen.back(), random);
    }
    return chosen;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST_F(Partitioning, IsTheUsersOwnIfTheyWantIt) {
  class ByFirstLetter final : public Partitioner {
   public:
    std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                        Random& /*random*/) override {
      const auto letter = std::to_integer<int>(key.value_or(value.value()).front());
      return letter % partitions.count;
    }
  };
  ByFirstLetter mine;
  EXPECT_EQ(choose(mine, as_bytes("b")), 'b' % 4);
  EXPECT_EQ(choose(mine), 'v' % 4);
}

}  // namespace
}  // namespace trialog::client
