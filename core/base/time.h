#pragma once

#include <chrono>
#include <cstdint>

namespace trialog {

using Duration = std::chrono::nanoseconds;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Time since this node began. Never stored, never sent, never compared between nodes.
struct NodeClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<NodeClock>;
  static constexpr bool is_steady = true;
};
using Instant = NodeClock::time_point;
inline constexpr Instant never = Instant::max();

/// Time of day as records carry it: milliseconds since 1970. May jump, also backwards.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

constexpr WallTime wall_time(std::int64_t ms) { return WallTime(milliseconds(ms)); }
constexpr std::int64_t to_ms(WallTime when) { return when.time_since_epoch().count(); }

}  // namespace trialog
