#include "sim/clock.h"

#include <gtest/gtest.h>

#include "sim/lone_node.h"

namespace trialog::sim {
namespace {

Task<void> sleep_for(Env& env, Duration duration) { co_await env.clock.sleep(duration); }

/// How long the world took while the node believed that it slept for ten seconds.
Duration world_time_of_ten_seconds(std::int32_t drift_ppm) {
  LoneNode node(1);
  node.machine().set_clock_drift(drift_ppm);
  const auto before = node.world().now();
  const auto instant = node.env().clock.now();
  node.run(sleep_for(node.env(), seconds(10)));
  EXPECT_GE(node.env().clock.now() - instant, seconds(10));
  return node.world().now() - before;
}

TEST(Clock, AFastClockSleepsShortAndASlowOneLong) {
  EXPECT_EQ(world_time_of_ten_seconds(0), seconds(10));
  EXPECT_LT(world_time_of_ten_seconds(100'000), milliseconds(9'100));
  EXPECT_GT(world_time_of_ten_seconds(-100'000), milliseconds(11'100));
}

TEST(Clock, ASleeperWhoseClockIsSlowedMeanwhileStillSleepsItsTime) {
  LoneNode node(1);
  auto& env = node.env();
  TaskGroup group(env.executor);
  const auto instant = env.clock.now();
  group.spawn("sleep", sleep_for(env, seconds(10)));
  node.world().run_for(seconds(5));
  node.machine().set_clock_drift(-500'000);
  node.world().run_for(seconds(6));
  EXPECT_EQ(group.size(), 1u);
  node.world().run_for(seconds(5));
  EXPECT_EQ(group.size(), 0u);
  EXPECT_GE(env.clock.now() - instant, seconds(10));
}

TEST(Clock, TheWallClockJumpsBothWaysAndTheOtherDoesNot) {
  LoneNode node(1);
  const auto& clock = node.env().clock;
  const auto wall = clock.wall_now();
  const auto instant = clock.now();
  node.machine().jump_wall_clock(seconds(100));
  EXPECT_EQ(clock.wall_now() - wall, seconds(100));
  node.machine().jump_wall_clock(seconds(-300));
  EXPECT_EQ(clock.wall_now() - wall, seconds(-200));
  EXPECT_EQ(clock.now(), instant);
}

TEST(Clock, EachProcessCountsFromItsOwnStart) {
  LoneNode node(1);
  node.world().run_for(seconds(50));
  EXPECT_EQ(node.env().clock.now(), Instant(seconds(50)));
  node.crash();
  EXPECT_EQ(node.env().clock.now(), Instant(seconds(0)));
}

TEST(Clock, MachinesDisagree) {
  Datacenter datacenter(1);
  auto& fast = datacenter.machine("fast");
  auto& slow = datacenter.machine("slow");
  fast.start(idle_program);
  slow.start(idle_program);
  fast.set_clock_drift(1000);
  datacenter.world().run_for(seconds(1000));
  EXPECT_EQ(fast.env().clock.now() - slow.env().clock.now(), seconds(1));
}

}  // namespace
}  // namespace trialog::sim
