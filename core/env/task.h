#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace trialog {

namespace detail {

struct Final {
  bool await_ready() noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
    auto waiter = done.promise().waiter;
    return waiter ? waiter : std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> waiter;
  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  template <class U>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
  T take() { return std::move(*value); }
};
template <>
struct Promise<void> : PromiseBase {
  void return_void() {}
  void take() {}
};

}  // namespace detail

/// Work that has not begun. Awaiting begins it. Destroying it cancels it, wherever it stands, by
/// running the destructors of its locals; a simulated crash is nothing more than that. So no
/// destructor in core/ may wait for anything or promise anything durable, and no task may bring
/// about its own destruction while it runs.
///
/// A task that never suspends costs its awaiter no suspension either, and no stack: loops over such
/// tasks run in constant stack also without optimisation, where g++ makes no tail calls.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) noexcept {
    frame_.resume();
    if (frame_.done()) return false;
    frame_.promise().waiter = waiter;
    return true;
  }
  T await_resume() { return frame_.promise().take(); }

  /// Runs until it first suspends. For owners that do not await it, such as `TaskGroup`.
  void start() { frame_.resume(); }
  bool done() const { return frame_.done(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

}  // namespace trialog
