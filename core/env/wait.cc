#include "core/env/wait.h"

#include "core/base/check.h"

namespace trialog {

void Signal::raise() {
  while (auto* waiter = waiting_.pop_front()) executor_.wake(*waiter);
}

Task<bool> raised(Signal& signal) {
  co_await signal.wait();
  co_return true;
}

/// One task of a group. Its wrapper tells the group when it ends; the frame is destroyed in a later
/// turn, because it can't be destroyed while it runs.
class TaskGroup::Member : public Runnable {
 public:
  Member(std::string_view name, TaskGroup& group, Task<void> task)
      : Runnable(name), group_(group), wrapper_(wrap(std::move(task))) {}

  void run() override { wrapper_.start(); }
  bool ended() const { return ended_; }
  /// Whether whoever started it has moved on, so that it must be reaped when it ends.
  bool started() const { return started_; }
  void outlives_its_start() { started_ = true; }

 private:
  Task<void> wrap(Task<void> task) {
    co_await task;
    ended_ = true;
    group_.ended(*this);
  }

  TaskGroup& group_;
  bool ended_ = false;
  bool started_ = false;
  Task<void> wrapper_;
};

TaskGroup::TaskGroup(Executor& executor)
    : executor_(executor), none_left_(executor), reaper_(*this) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string_view name, Task<void> task) {
  ++running_;
  auto& member = members_.emplace_back(name, *this, std::move(task));
  member.outlives_its_start();
  executor_.wake(member);
}

bool TaskGroup::run(std::string_view name, Task<void> task) {
  ++running_;
  const auto member = members_.emplace(members_.end(), name, *this, std::move(task));
  member->run();
  if (!member->ended()) {
    member->outlives_its_start();
    return false;
  }
  members_.erase(member);
  return true;
}

Task<void> TaskGroup::all_done() {
  while (running_ > 0) co_await none_left_.wait();
}

void TaskGroup::ended(const Member& member) {
  CHECK(running_ > 0);
  if (--running_ == 0) none_left_.raise();
  if (member.started()) executor_.wake(reaper_);
}

void TaskGroup::reap() {
  std::erase_if(members_, [](const Member& member) { return member.ended(); });
}

namespace detail {

Task<void> alarm(Clock& clock, Instant deadline, Signal& done) {
  co_await clock.sleep_until(deadline);
  done.raise();
}

}  // namespace detail
}  // namespace trialog
