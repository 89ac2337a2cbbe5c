#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace trialog::sim {

/// How bytes travel from one host to another; the way back is a link of its own.
struct LinkSettings {
  Duration latency = microseconds(200);
  Duration jitter = microseconds(300);     // Up to so much more, drawn for each piece.
  std::uint64_t bytes_per_second = 0;      // 0: no limit.
  std::uint32_t flips_per_million = 0;     // Pieces of which one bit arrives wrong.
  std::uint32_t resets_per_million = 0;    // Pieces at which the connection breaks.
  std::uint32_t refusals_per_million = 0;  // Connects that are refused though somebody listens.
  std::uint32_t hangs_per_million = 0;     // Connects that are never answered.
  bool cut = false;                        // Nothing passes; what is on its way waits.
};

}  // namespace trialog::sim
