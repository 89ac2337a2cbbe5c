#include "sim/clock.h"

#include "core/base/check.h"
#include "sim/sleep.h"

namespace trialog::sim {
namespace {

/// When the world begins, in time of day: 2024-01-01T00:00:00Z.
constexpr WallTime wall_beginning = wall_time(1'704'067'200'000);
constexpr std::int64_t million = 1'000'000;
/// A deadline behind this never comes: 146 years.
constexpr Duration no_end = Duration::max() / 2;

Duration scaled(Duration by, std::int64_t numerator, std::int64_t denominator, bool up) {
  const auto product = static_cast<__int128>(by.count()) * numerator;
  return Duration(static_cast<std::int64_t>((product + (up ? denominator - 1 : 0)) / denominator));
}

}  // namespace

Quartz::Quartz(World& world) : world_(world), anchor_(world.now()) {}

Duration Quartz::elapsed() const {
  const auto since = world_.now() - anchor_;
  return elapsed_at_anchor_ + scaled(since, million + drift_ppm_, million, false);
}

WallTime Quartz::wall_now() const {
  const auto since = std::chrono::floor<milliseconds>(elapsed() + wall_offset_);
  return wall_beginning + since;
}

void Quartz::set_drift(std::int32_t ppm) {
  CHECK(ppm > -million);
  elapsed_at_anchor_ = elapsed();
  anchor_ = world_.now();
  drift_ppm_ = ppm;
}

Moment Quartz::when(Duration elapsed) const {
  if (elapsed <= elapsed_at_anchor_) return anchor_;
  return anchor_ + scaled(elapsed - elapsed_at_anchor_, million, million + drift_ppm_, true);
}

SimClock::SimClock(World& world, SimExecutor& executor, const Quartz& quartz)
    : world_(world), executor_(executor), quartz_(quartz), started_(quartz.elapsed()) {}

Task<void> SimClock::sleep_until(Instant when) {
  if (when.time_since_epoch() > no_end) {
    co_await Sleep(world_, executor_, executor_.node(), "timer", forever);
  }
  do {
    // A clock that has been slowed down meanwhile has not reached `when` yet.
    const auto until = quartz_.when(when.time_since_epoch() + started_);
    co_await Sleep(world_, executor_, executor_.node(), "timer", until);
  } while (now() < when);
}

}  // namespace trialog::sim
