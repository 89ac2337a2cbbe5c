#pragma once

#include "core/base/ids.h"
#include "core/env/wait.h"

namespace trialog {

/// Wakes each who waits once an offset has come as far as that one waits for, and no other: a
/// thousand requests wait for a log to be synced, and each sync covers some of them. Must outlive
/// its waiters.
class OffsetWaiters {
 public:
  explicit OffsetWaiters(Executor& executor) : executor_(executor) {}
  OffsetWaiters(const OffsetWaiters&) = delete;
  ~OffsetWaiters();

  class Wait {
   public:
    Wait(OffsetWaiters& waiters, Offset end) : waiters_(waiters), waiter_("offset"), end_(end) {}
    Wait(const Wait&) = delete;
    ~Wait() { waiters_.remove(*this); }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) {
      waiter_.suspend(task);
      waiters_.insert(*this);
    }
    void await_resume() const noexcept {}

   private:
    friend class OffsetWaiters;
    OffsetWaiters& waiters_;
    Waiter waiter_;
    Offset end_;
    bool listed_ = false;
    Wait* previous_ = nullptr;
    Wait* next_ = nullptr;
  };

  /// Returns at the next `reached` of `end` or more, or at the next `raise`: then look whether what
  /// was waited for is so.
  [[nodiscard]] Wait until(Offset end) { return Wait(*this, end); }
  /// Everything before `end` is there. Resumes nobody from inside this call.
  void reached(Offset end);
  /// Wakes all: there is nothing more to wait for, or something else to look at.
  void raise();

 private:
  void insert(Wait& wait);
  void remove(Wait& wait);
  void wake_first();

  Executor& executor_;
  Wait* first_ = nullptr;  // In order of what they wait for.
  Wait* last_ = nullptr;
};

}  // namespace trialog
