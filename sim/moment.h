#pragma once

#include "core/base/time.h"

namespace trialog::sim {

/// Time of the world, which no node can see: nodes have clocks of their own.
struct WorldClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WorldClock>;
  static constexpr bool is_steady = true;
};
using Moment = WorldClock::time_point;
inline constexpr Moment beginning{};
inline constexpr Moment forever = Moment::max();

}  // namespace trialog::sim
