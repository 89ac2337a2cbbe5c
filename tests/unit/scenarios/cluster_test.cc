#include <gtest/gtest.h>

#include "core/node/options.h"
#include "core/records/build.h"
#include "scenarios/runner/cluster_plan.h"
#include "scenarios/runner/log_reader.h"
#include "scenarios/runner/loss_budget.h"
#include "tests/unit/scenarios/one_partition.h"

namespace trialog::scenarios {
namespace {

// --- the settings of each member ------------------------------------------------------------

TEST(ClusterPlan, EveryMemberOfEveryShapeCanStart) {
  for (const auto& [brokers, controllers] : {std::pair(1, 0), std::pair(3, 0), std::pair(5, 3)}) {
    ClusterPlan plan;
    plan.brokers = brokers;
    plan.controllers = controllers;
    plan.racks = {"a", "b"};
    const auto members = plan.members();
    EXPECT_EQ(members.size(), static_cast<std::size_t>(brokers + controllers));
    for (const auto& member : members) {
      const auto parsed = node::parse(member.settings, false);
      EXPECT_TRUE(parsed.problems.empty()) << member.name << ": " << parsed.problems.front();
    }
  }
}

TEST(ClusterPlan, WhatAScenarioSaysWins) {
  ClusterPlan plan;
  plan.brokers = 3;
  plan.settings["min.insync.replicas"] = "1";
  const auto members = plan.members();
  EXPECT_EQ(members[2].settings.at("min.insync.replicas"), "1");
  EXPECT_EQ(members[2].settings.at("default.replication.factor"), "3");
  EXPECT_EQ(members[2].settings.at("node.id"), "3");
}

TEST(ClusterPlan, RacksAreDealtOutInTurn) {
  ClusterPlan plan;
  plan.brokers = 3;
  plan.racks = {"a", "b"};
  const auto members = plan.members();
  EXPECT_EQ(members[0].settings.at("broker.rack"), "a");
  EXPECT_EQ(members[1].settings.at("broker.rack"), "b");
  EXPECT_EQ(members[2].settings.at("broker.rack"), "a");
}

// --- what may be lost -----------------------------------------------------------------------

const TopicPartition orders{"orders", 0};

constexpr auto lost = LossBudget::End::power_lost;
constexpr auto killed = LossBudget::End::killed;

TEST(LossBudget, KillsAloneLoseNothing) {
  const test::OnePartition cluster;
  LossBudget budget;
  for (const int id : {1, 2, 3}) {
    EXPECT_TRUE(budget.ended(NodeId(id), killed, cluster.image()).empty());
  }
}

TEST(LossBudget, AKilledOneCannotProveThatItHasWhatTheOthersLost) {
  const test::OnePartition cluster;
  LossBudget budget;
  budget.ended(NodeId(1), lost, cluster.image());
  budget.ended(NodeId(2), lost, cluster.image());
  EXPECT_FALSE(budget.may_end(NodeId(3), killed, cluster.image()));
  EXPECT_EQ(budget.ended(NodeId(3), killed, cluster.image()), std::set{orders});
}

TEST(LossBudget, BearsOneLossAfterTheOther) {
  test::OnePartition cluster;
  LossBudget budget;
  EXPECT_TRUE(budget.ended(NodeId(1), lost, cluster.image()).empty());
  cluster.registers(1).in_sync({2, 3}).in_sync({1, 2, 3});
  budget.saw(*cluster.image());
  EXPECT_TRUE(budget.ended(NodeId(2), lost, cluster.image()).empty());
  EXPECT_TRUE(budget.ended(NodeId(3), lost, cluster.image()).empty());
  EXPECT_TRUE(budget.beyond().empty());
}

TEST(LossBudget, ThreeAtOnceAreTooMany) {
  const test::OnePartition cluster;
  LossBudget budget;
  budget.ended(NodeId(1), lost, cluster.image());
  budget.ended(NodeId(2), lost, cluster.image());
  EXPECT_FALSE(budget.may_end(NodeId(3), lost, cluster.image()));
  EXPECT_EQ(budget.ended(NodeId(3), lost, cluster.image()), std::set{orders});
  EXPECT_EQ(budget.beyond(), std::set{orders});
}

TEST(LossBudget, TheLastInSyncIsOneTooMany) {
  test::OnePartition cluster;
  cluster.in_sync({2});
  const LossBudget budget;
  EXPECT_FALSE(budget.may_end(NodeId(2), lost, cluster.image()));
  EXPECT_TRUE(budget.may_end(NodeId(3), lost, cluster.image()));
}

TEST(LossBudget, ARegistrationFromBeforeTheLossProvesNothing) {
  const test::OnePartition cluster;
  LossBudget budget;
  budget.ended(NodeId(1), lost, cluster.image());
  budget.saw(*cluster.image());  // Still in sync: nobody has noticed.
  budget.ended(NodeId(2), lost, cluster.image());
  EXPECT_FALSE(budget.may_end(NodeId(3), lost, cluster.image()));
}

TEST(LossBudget, BelowTheMinimumThoseThatWereInSyncStillCount) {
  test::OnePartition cluster;
  LossBudget budget;
  budget.saw(*cluster.needs(2).image());
  budget.saw(*cluster.in_sync({2, 3}).image());
  budget.saw(*cluster.in_sync({3}).image());  // And nobody is said to be eligible.
  EXPECT_TRUE(budget.may_end(NodeId(3), lost, cluster.image()));
  budget.ended(NodeId(2), lost, cluster.image());
  EXPECT_FALSE(budget.may_end(NodeId(3), lost, cluster.image()));
}

TEST(LossBudget, AnInSyncSetThatIsToldOfLateCountsToo) {
  test::OnePartition cluster;
  cluster.in_sync({1});
  LossBudget budget;
  budget.ended(NodeId(2), lost, cluster.image());
  EXPECT_TRUE(budget.ended(NodeId(1), killed, cluster.image()).empty());
  cluster.in_sync({1, 2});  // Decided before either ended.
  EXPECT_EQ(budget.saw(*cluster.image()), std::set{orders});
  EXPECT_EQ(budget.beyond(), std::set{orders});
}

// --- logs on disk ---------------------------------------------------------------------------

/// The log of "orders-0" as files.
class Files {
 public:
  Files() { EXPECT_TRUE(volume.make_directory(Disk::Path("/data/orders-0"), wall_time(0))); }

  Files& writes(const char* segment, int base, int epoch, int records) {
    records::BatchOptions options;
    options.base = Offset(base);
    options.leader_epoch = Epoch(epoch);
    records::BatchBuilder builder(options);
    for (int i = 0; i < records; ++i) builder.add(wall_time(1000), "key", "value");
    file(segment)->pages.append(builder.build().bytes().view());
    return *this;
  }
  sim::InodePtr file(const char* segment) {
    const Disk::Path path(std::string("/data/orders-0/") + segment);
    return *volume.open(path, Disk::Open::either, wall_time(0));
  }
  std::vector<int> bases(int from, int end) {
    std::vector<int> list;
    for (const auto& batch : reader.batches(Offset(from), Offset(end))) {
      list.push_back(static_cast<int>(batch.base.value));
    }
    return list;
  }

  sim::Volume volume{Random(1)};
  LogReader reader{volume, "/data/orders-0"};
};

constexpr auto first = "00000000000000000000.log";
constexpr auto second = "00000000000000000005.log";

TEST(LogReader, ReadsBatchesAcrossSegmentsAndGoesOn) {
  Files files;
  files.writes(first, 0, 0, 2).writes(first, 2, 0, 3).writes(second, 5, 1, 1);
  EXPECT_EQ(files.bases(0, 5), (std::vector{0, 2}));
  EXPECT_EQ(files.bases(5, 6), (std::vector{5}));
  files.writes(second, 6, 1, 4);
  EXPECT_EQ(files.bases(6, 10), (std::vector{6}));
  EXPECT_EQ(files.bases(3, 10), (std::vector{2, 5, 6}));
}

TEST(LogReader, StopsAtADamagedBatch) {
  Files files;
  files.writes(first, 0, 0, 2).writes(first, 2, 0, 3);
  auto& pages = files.file(first)->pages;
  pages.rot(pages.size() - 1, 0);
  EXPECT_EQ(files.bases(0, 5), (std::vector{0}));
}

TEST(LogReader, TwoBatchesThatDifferHaveDifferentDigests) {
  Files files;
  files.writes(first, 0, 0, 1).writes(first, 1, 0, 2);
  const auto batches = files.reader.batches(Offset(0), Offset(3));
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_NE(batches[0].digest, batches[1].digest);
}

}  // namespace
}  // namespace trialog::scenarios
