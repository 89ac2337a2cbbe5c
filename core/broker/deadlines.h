#pragma once

#include <map>
#include <memory>

#include "core/env/clock.h"
#include "core/env/offset_waiters.h"
#include "core/env/wait.h"

namespace trialog::broker {

/// Wakes many waits when their time is up, with one sleeper for all of them: a produce that waits
/// for its sync costs an entry in a map rather than a timer.
class Deadlines {
 public:
  Deadlines(Executor& executor, Clock& clock) : executor_(executor), clock_(clock) {}

  /// For as long as it lives, `signal` and `waiters` are raised once when the time has come.
  class Entry {
   public:
    Entry(Deadlines& deadlines, Instant when, Signal& signal, OffsetWaiters& waiters);
    Entry(const Entry&) = delete;
    ~Entry();
    bool passed() const { return passed_; }

   private:
    friend class Deadlines;
    Deadlines& deadlines_;
    Signal& signal_;
    OffsetWaiters& waiters_;
    bool passed_ = false;
    std::multimap<Instant, Entry*>::iterator at_;
  };

 private:
  Task<void> ring();

  Executor& executor_;
  Clock& clock_;
  std::multimap<Instant, Entry*> entries_;
  Instant rings_at_ = never;
  std::unique_ptr<TaskGroup> bell_;
};

}  // namespace trialog::broker
