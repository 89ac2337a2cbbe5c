#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

/// Counts how many of it are alive, to see that a cancelled task has run its destructors.
class Alive {
 public:
  explicit Alive(int& count) : count_(count) { ++count_; }
  Alive(const Alive&) = delete;
  ~Alive() { --count_; }

 private:
  int& count_;
};

Task<int> ready(int value) { co_return value; }

Task<void> add_up(int times, std::int64_t& sum) {
  for (int i = 0; i < times; ++i) sum += co_await ready(1);
}

TEST_P(Tasks, ALoopOverReadyTasksRunsInConstantStack) {
  std::int64_t sum = 0;
  run(add_up(1'000'000, sum));
  EXPECT_EQ(sum, 1'000'000);
}

Task<int> sleepy(Env& env, Duration duration, int value, int& alive) {
  Alive here(alive);
  co_await env.clock.sleep(duration);
  co_return value;
}

Task<void> race(Env& env, Duration work, Duration patience, int& alive, std::optional<int>& got) {
  const auto deadline = env.clock.now() + patience;
  got = co_await within(env.executor, env.clock, deadline, sleepy(env, work, 7, alive));
}

TEST_P(Tasks, WithinGivesWhatComesInTime) {
  int alive = 0;
  std::optional<int> got;
  run(race(a(), milliseconds(2), seconds(5), alive, got));
  EXPECT_EQ(got, 7);
  EXPECT_EQ(alive, 0);
}

TEST_P(Tasks, WithinDestroysWhatComesTooLate) {
  int alive = 0;
  std::optional<int> got;
  run(race(a(), seconds(10), milliseconds(5), alive, got));
  EXPECT_EQ(got, std::nullopt);
  EXPECT_EQ(alive, 0);
}

Task<void> late_but_ready(Env& env, std::optional<int>& got) {
  const auto past = env.clock.now() - milliseconds(1);
  got = co_await within(env.executor, env.clock, past, ready(3));
}

TEST_P(Tasks, WithinLetsAReadyTaskWinAlsoAfterTheDeadline) {
  std::optional<int> got;
  run(late_but_ready(a(), got));
  EXPECT_EQ(got, 3);
}

Task<void> count_on(Signal& signal, int& wakes, int& alive) {
  Alive here(alive);
  for (;;) {
    co_await signal.wait();
    ++wakes;
  }
}

Task<void> raise_story(Env& env, Signal& signal, int& wakes) {
  co_await env.clock.sleep(milliseconds(1));
  EXPECT_EQ(wakes, 0) << "a raise before the wait was remembered";
  signal.raise();
  EXPECT_EQ(wakes, 0) << "resumed from inside raise";
  co_await env.clock.sleep(milliseconds(1));
  EXPECT_EQ(wakes, 3);
}

TEST_P(Tasks, ASignalWakesAllWhoWaitAndNeverInline) {
  Signal signal(a().executor);
  int wakes = 0, alive = 0;
  TaskGroup group(a().executor);
  signal.raise();
  for (int i = 0; i < 3; ++i) group.run("waiter", count_on(signal, wakes, alive));
  run(raise_story(a(), signal, wakes));
  EXPECT_EQ(alive, 3);
}

TEST_P(Tasks, DestroyingAGroupCancelsWhoWaitsForASignal) {
  Signal signal(a().executor);
  int wakes = 0, alive = 0;
  {
    TaskGroup group(a().executor);
    group.run("waiter", count_on(signal, wakes, alive));
    group.run("waiter", count_on(signal, wakes, alive));
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(signal.awaited());
  signal.raise();
}

Task<void> nap(Env& env) { co_await env.clock.sleep(milliseconds(1)); }

TEST_P(Tasks, AWokenTaskThatIsDestroyedBeforeItsTurnNeverRuns) {
  Signal signal(a().executor);
  int wakes = 0, alive = 0;
  {
    TaskGroup group(a().executor);
    group.run("waiter", count_on(signal, wakes, alive));
    signal.raise();
  }
  run(nap(a()));
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(alive, 0);
}

Task<void> mark(int& marks) {
  ++marks;
  co_return;
}

Task<void> wait_for_all(TaskGroup& group, int& marks) {
  group.spawn("one", mark(marks));
  EXPECT_EQ(marks, 0) << "spawn ran it inline";
  EXPECT_EQ(group.size(), 1u);
  co_await group.all_done();
  EXPECT_EQ(marks, 1);
  EXPECT_EQ(group.size(), 0u);
  EXPECT_TRUE(group.run("two", mark(marks))) << "it never suspends";
  EXPECT_EQ(marks, 2);
  co_await group.all_done();
}

TEST_P(Tasks, AGroupBeginsSpawnedTasksInATurnOfTheirOwnAndTellsWhenAllAreDone) {
  int marks = 0;
  TaskGroup group(a().executor);
  run(wait_for_all(group, marks));
}

Task<void> spawn_more(Env& env, TaskGroup& group, int depth, int& marks) {
  co_await env.clock.sleep(milliseconds(1));
  ++marks;
  if (depth > 0) group.spawn("more", spawn_more(env, group, depth - 1, marks));
}

Task<void> all_generations(Env& env, TaskGroup& group, int& marks) {
  group.spawn("first", spawn_more(env, group, 4, marks));
  co_await group.all_done();
  EXPECT_EQ(marks, 5);
}

TEST_P(Tasks, AllDoneAlsoWaitsForThoseThatCameMeanwhile) {
  int marks = 0;
  TaskGroup group(a().executor);
  run(all_generations(a(), group, marks));
}

TEST_P(Tasks, ASpawnedTaskThatIsDestroyedBeforeItBeganNeverRuns) {
  int marks = 0;
  {
    TaskGroup group(a().executor);
    group.spawn("never", mark(marks));
  }
  run(nap(a()));
  EXPECT_EQ(marks, 0);
}

class Ticker : public Runnable {
 public:
  explicit Ticker(int& runs) : Runnable("ticker"), runs_(runs) {}
  void run() override { ++runs_; }

 private:
  int& runs_;
};

TEST_P(Tasks, WakingTwiceBeforeTheTurnRunsOnceAndNeverInline) {
  int runs = 0, forgotten_runs = 0;
  Ticker ticker(runs);
  {
    Ticker forgotten(forgotten_runs);
    a().executor.wake(ticker);
    a().executor.wake(ticker);
    a().executor.wake(forgotten);
  }
  EXPECT_EQ(runs, 0);
  run(nap(a()));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(forgotten_runs, 0);
}

Task<void> nested(Env& env, int depth, int& alive) {
  Alive here(alive);
  if (depth == 0) {
    co_await env.clock.sleep_until(never);
  } else {
    co_await nested(env, depth - 1, alive);
  }
}

TEST_P(Tasks, CancellingATaskCancelsTheTasksItAwaits) {
  int alive = 0;
  {
    TaskGroup group(a().executor);
    group.run("deep", nested(a(), 10, alive));
    EXPECT_EQ(alive, 11);
    run(nap(a()));
    EXPECT_EQ(alive, 11);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace trialog::conformance
