#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

Task<void> sleeps(Env& env) {
  const auto before = env.clock.now();
  co_await env.clock.sleep(milliseconds(3));
  EXPECT_GE(env.clock.now() - before, milliseconds(3));
}

TEST_P(Clocks, ASleeperWakesAtItsTimeOrLater) { run(sleeps(a())); }

Task<void> note(Env& env, Instant when, int number, std::vector<int>& order) {
  co_await env.clock.sleep_until(when);
  EXPECT_GE(env.clock.now(), when);
  order.push_back(number);
}

Task<void> alarms(Env& env, std::vector<int>& order) {
  TaskGroup group(env.executor);
  const auto now = env.clock.now();
  for (const int number : {3, 1, 4, 2, 5}) {
    group.run("alarm", note(env, now + milliseconds(4) * number, number, order));
  }
  co_await group.all_done();
}

TEST_P(Clocks, SleepersWakeInTheOrderOfTheirTimes) {
  std::vector<int> order;
  run(alarms(a(), order));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
}

Task<void> late(Env& env, std::vector<int>& order) {
  TaskGroup group(env.executor);
  const auto past = env.clock.now() - seconds(1);
  EXPECT_FALSE(group.run("late", note(env, past, 2, order))) << "it ran inline";
  order.push_back(1);
  co_await group.all_done();
}

TEST_P(Clocks, AMomentThatHasPassedStillTakesATurn) {
  std::vector<int> order;
  run(late(a(), order));
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

Task<void> disarm(Env& env, std::vector<int>& order) {
  {
    TaskGroup group(env.executor);
    group.run("never", note(env, env.clock.now() + milliseconds(2), 1, order));
    group.run("never", note(env, env.clock.now() - milliseconds(2), 1, order));
    group.run("never", note(env, never, 1, order));
  }
  co_await env.clock.sleep(milliseconds(10));
}

TEST_P(Clocks, DestroyingASleeperDisarmsIt) {
  std::vector<int> order;
  run(disarm(a(), order));
  EXPECT_TRUE(order.empty());
}

Task<void> watch(Env& env) {
  auto last = env.clock.now();
  for (int i = 0; i < 100; ++i) {
    co_await env.clock.sleep(microseconds(10 * (i % 3)));
    EXPECT_GE(env.clock.now(), last);
    last = env.clock.now();
  }
}

TEST_P(Clocks, TimeNeverGoesBack) { run(watch(a())); }

Task<void> wall(Env& env, WallTime& before, WallTime& after) {
  before = env.clock.wall_now();
  co_await env.clock.sleep(milliseconds(20));
  after = env.clock.wall_now();
}

TEST_P(Clocks, TheTimeOfDayIsOfOurAgeAndGoesOn) {
  WallTime before, after;
  run(wall(a(), before, after));
  EXPECT_GE(after - before, milliseconds(19));
  EXPECT_GT(before, wall_time(1'600'000'000'000));
}

Task<void> many(Env& env, int& woken) {
  TaskGroup group(env.executor);
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) {
    group.run("alarm", note(env, env.clock.now() + microseconds(i % 7), i, order));
  }
  co_await group.all_done();
  woken = static_cast<int>(order.size());
}

TEST_P(Clocks, AThousandSleepersAllWake) {
  int woken = 0;
  run(many(a(), woken));
  EXPECT_EQ(woken, 1000);
}

}  // namespace
}  // namespace trialog::conformance
