#pragma once

#include "core/base/time.h"
#include "core/env/task.h"

namespace trialog {

/// Tells the time and wakes sleepers. Simulated time moves only when nothing else can run.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back.
  virtual Instant now() const = 0;
  /// May jump, also backwards.
  virtual WallTime wall_now() const = 0;
  /// Resumes the caller at `when` or later, in a turn of its own, also if that has passed.
  /// Destroying the task disarms it.
  virtual Task<void> sleep_until(Instant when) = 0;

  Task<void> sleep(Duration duration) { return sleep_until(now() + duration); }
};

}  // namespace trialog
