#pragma once

#include <coroutine>
#include <list>
#include <optional>
#include <string_view>

#include "core/env/clock.h"
#include "core/env/executor.h"
#include "core/env/task.h"

namespace trialog {

/// A suspended task, to be resumed by its executor. Lives in the frame of the task that waits, so
/// cancelling the task unlinks it.
class Waiter : public Runnable {
 public:
  explicit Waiter(std::string_view name) : Runnable(name) {}
  void run() override { task_.resume(); }
  void suspend(std::coroutine_handle<> task) { task_ = task; }

 private:
  std::coroutine_handle<> task_;
};

/// Wakes whoever waits for it, each time it is raised; whoever comes after waits for the next time.
/// A delayed fetch waits on the high watermark. Must outlive its waiters.
class Signal {
 public:
  explicit Signal(Executor& executor) : executor_(executor) {}

  class Wait {
   public:
    explicit Wait(Signal& signal) : signal_(signal), waiter_("signal") {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) {
      waiter_.suspend(task);
      signal_.waiting_.push_back(waiter_);
    }
    void await_resume() const noexcept {}

   private:
    Signal& signal_;
    Waiter waiter_;
  };

  [[nodiscard]] Wait wait() { return Wait(*this); }
  /// Resumes nobody from inside this call.
  void raise();
  bool awaited() const { return !waiting_.empty(); }

 private:
  Executor& executor_;
  RunnableList waiting_;
};

/// Ends with true when `signal` is next raised: what `within` puts a limit to.
Task<bool> raised(Signal& signal);

/// Owns tasks that must not outlive something else, such as the requests of one connection.
/// Destroying it cancels them all; that must not happen from inside one of them.
class TaskGroup {
 public:
  explicit TaskGroup(Executor& executor);
  TaskGroup(const TaskGroup&) = delete;
  ~TaskGroup();

  /// Begins `task` in a turn of its own. `name` is a literal and appears in traces.
  void spawn(std::string_view name, Task<void> task);
  /// Begins `task` at once and returns when it first suspends. True if it has ended by then.
  bool run(std::string_view name, Task<void> task);
  /// Returns when none is left. New ones may be added meanwhile.
  Task<void> all_done();
  std::size_t size() const { return running_; }

 private:
  class Member;
  void ended(const Member& member);
  void reap();

  class Reaper : public Runnable {
   public:
    explicit Reaper(TaskGroup& group) : Runnable("reaper"), group_(group) {}
    void run() override { group_.reap(); }

   private:
    TaskGroup& group_;
  };

  Executor& executor_;
  std::list<Member> members_;
  std::size_t running_ = 0;
  Signal none_left_;
  Reaper reaper_;
};

namespace detail {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& into, Signal& done) {
  into.emplace(co_await task);
  done.raise();
}

Task<void> alarm(Clock& clock, Instant deadline, Signal& done);

}  // namespace detail

/// What `task` gives, or nothing if `deadline` comes first. The loser is destroyed. A task that is
/// ready without waiting wins even after the deadline.
template <class T>
Task<std::optional<T>> within(Executor& executor, Clock& clock, Instant deadline, Task<T> task) {
  std::optional<T> result;
  Signal done(executor);
  TaskGroup race(executor);
  if (race.run("within", detail::keep(std::move(task), result, done))) co_return result;
  if (deadline != never) race.run("deadline", detail::alarm(clock, deadline, done));
  co_await done.wait();
  co_return result;
}

}  // namespace trialog
