#pragma once

#include "core/env/clock.h"
#include "sim/executor.h"
#include "sim/world.h"

namespace trialog::sim {

/// The quartz of one machine: how its ideas of time differ from the world's. Survives crashes.
class Quartz {
 public:
  explicit Quartz(World& world);

  /// How much faster (or slower) than the world both clocks run, in parts per million, from now on.
  void set_drift(std::int32_t ppm);
  std::int32_t drift() const { return drift_ppm_; }
  /// Moves the time of day, not the monotonic clock.
  void jump_wall(Duration by) { wall_offset_ += by; }
  Duration wall_offset() const { return wall_offset_; }

  /// Monotonic, since the machine was made.
  Duration elapsed() const;
  WallTime wall_now() const;
  /// The first moment at which `elapsed()` is at least `elapsed`, if the drift stays.
  Moment when(Duration elapsed) const;

 private:
  World& world_;
  Moment anchor_;
  Duration elapsed_at_anchor_{0};
  Duration wall_offset_{0};
  std::int32_t drift_ppm_ = 0;
};

/// The clock of one process: counts from its start.
class SimClock : public Clock {
 public:
  SimClock(World& world, SimExecutor& executor, const Quartz& quartz);
  Instant now() const override { return Instant(quartz_.elapsed() - started_); }
  WallTime wall_now() const override { return quartz_.wall_now(); }
  Task<void> sleep_until(Instant when) override;

 private:
  World& world_;
  SimExecutor& executor_;
  const Quartz& quartz_;
  Duration started_;
};

}  // namespace trialog::sim
