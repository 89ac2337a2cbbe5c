#pragma once

#include <cstdint>
#include <string_view>

#include "sim/kind.h"
#include "sim/moment.h"

namespace trialog::sim {

/// One event of a run, as it feeds the trace hash.
struct Happened {
  std::uint64_t number = 0;  // The first event of a run is 1.
  Moment at;
  NodeIndex node = nowhere;
  std::string_view kind;
  std::uint64_t digest = 0;
  std::string_view detail;  // Text for people; the digest stands for it in the hash.
};

/// Hears every event of a run, in order. Changes nothing, and may not act on the world.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void on_event(const Happened& event) = 0;
};

}  // namespace trialog::sim
