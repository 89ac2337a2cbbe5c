#include <gtest/gtest.h>

#include "core/env/offset_waiters.h"

namespace trialog {
namespace {

/// Runs what is ready in order, when asked to.
class ByHand : public Executor {
 public:
  void wake(Runnable& runnable) override { ready_.push_back(runnable); }
  void run_all() {
    while (auto* next = ready_.pop_front()) next->run();
  }

 private:
  RunnableList ready_;
};

class Offsets : public testing::Test {
 protected:
  static Task<void> wait(OffsetWaiters& waiters, Offset end, std::vector<std::int64_t>& woken) {
    co_await waiters.until(end);
    woken.push_back(end.value);
  }
  void waits_for(std::int64_t end) { tasks_->run("waits", wait(waiters_, Offset(end), woken_)); }
  std::vector<std::int64_t> woken_by(std::int64_t end) {
    woken_.clear();
    waiters_.reached(Offset(end));
    executor_.run_all();
    return woken_;
  }

  using Ends = std::vector<std::int64_t>;
  ByHand executor_;
  OffsetWaiters waiters_{executor_};
  Ends woken_;
  std::unique_ptr<TaskGroup> tasks_ = std::make_unique<TaskGroup>(executor_);
};

TEST_F(Offsets, WakeWhoWaitsForNoMoreAndNobodyElse) {
  for (const int end : {5, 3, 9, 5, 4}) waits_for(end);
  EXPECT_EQ(woken_by(2), Ends());
  EXPECT_EQ(woken_by(4), (Ends{3, 4}));
  EXPECT_EQ(woken_by(8), (Ends{5, 5}));
  EXPECT_EQ(woken_by(8), Ends());
  EXPECT_EQ(woken_by(9), (Ends{9}));
}

TEST_F(Offsets, WakeEverybodyWhenThereIsNothingMoreToWaitFor) {
  for (const int end : {5, 3, 9}) waits_for(end);
  waiters_.raise();
  EXPECT_TRUE(woken_.empty()) << "nobody runs inside raise";
  executor_.run_all();
  EXPECT_EQ(woken_, (Ends{3, 5, 9}));
}

TEST_F(Offsets, ForgetWhoWasCancelled) {
  for (const int end : {5, 3, 9}) waits_for(end);
  tasks_.reset();
  EXPECT_EQ(woken_by(100), Ends());
}

TEST_F(Offsets, ForgetWhoWasCancelledBetweenBeingWokenAndRunning) {
  waits_for(5);
  waiters_.reached(Offset(5));
  tasks_.reset();
  executor_.run_all();
  EXPECT_TRUE(woken_.empty());
}

}  // namespace
}  // namespace trialog
