#pragma once

#include <coroutine>

#include "core/env/wait.h"
#include "sim/world.h"

namespace trialog::sim {

/// Suspends the task that awaits it until a moment of the world has come; then the executor runs it
/// in a turn of its own. Lives in the task's frame, so that cancelling the task disarms it.
class Sleep {
 public:
  Sleep(World& world, Executor& executor, NodeIndex node, Kind kind, Moment until)
      : world_(world), until_(until), alarm_(node, kind, executor) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) { alarm_.set(world_, until_, task); }
  void await_resume() const noexcept {}

 private:
  class Alarm : public Event {
   public:
    Alarm(NodeIndex node, Kind kind, Executor& executor)
        : Event(node, kind), executor_(executor), waiter_(kind.name()) {}
    void set(World& world, Moment until, std::coroutine_handle<> task) {
      waiter_.suspend(task);
      if (until <= world.now()) return executor_.wake(waiter_);
      if (until != forever) world.schedule(*this, until);
    }
    void happen() override { executor_.wake(waiter_); }

   private:
    Executor& executor_;
    Waiter waiter_;
  };

  World& world_;
  Moment until_;
  Alarm alarm_;
};

}  // namespace trialog::sim
