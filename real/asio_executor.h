#pragma once

#include <coroutine>

#include "core/env/executor.h"
#include "core/env/wait.h"

namespace boost::asio {
class io_context;
}

namespace trialog::real {

/// Runs what is ready between the events of one Asio loop. Everything that was woken while the
/// events of one round were handled runs after the last of them, so that work which many of them
/// asked for (one write for all appends) is done once.
class AsioExecutor : public Executor {
 public:
  explicit AsioExecutor(boost::asio::io_context& io) : io_(io) {}

  void wake(Runnable& runnable) override;

  /// Lets everything else that is ready go first.
  class Yield {
   public:
    explicit Yield(AsioExecutor& executor) : executor_(executor), waiter_("yield") {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) {
      waiter_.suspend(task);
      executor_.wake(waiter_);
    }
    void await_resume() const noexcept {}

   private:
    AsioExecutor& executor_;
    Waiter waiter_;
  };
  [[nodiscard]] Yield yield() { return Yield(*this); }

 private:
  void post();
  void drain();

  boost::asio::io_context& io_;
  RunnableList ready_;
  bool posted_ = false;
};

/// Counts how often something was ready at once, so that it gives way to others now and then.
class Fairness {
 public:
  bool exhausted() {
    if (++at_once_ < limit) return false;
    at_once_ = 0;
    return true;
  }
  void waited() { at_once_ = 0; }

 private:
  static constexpr int limit = 16;
  int at_once_ = 0;
};

}  // namespace trialog::real
