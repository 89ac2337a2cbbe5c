#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/base/time.h"

namespace trialog::replication {

/// A rate that replication of throttled replicas stays below, on the average (KIP-73): once more
/// was moved than the rate allows, nothing more is until time has made up for it.
class Throttle {
 public:
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  void limit(std::int64_t bytes_per_second) { rate_ = std::max<std::int64_t>(bytes_per_second, 1); }
  bool limited() const { return rate_ != unlimited; }
  void spend(Instant now, std::size_t bytes) {
    if (!limited()) return;
    const auto cost = static_cast<std::int64_t>(bytes);
    free_at_ = std::max(free_at_, now) + microseconds(cost * 1'000'000 / rate_);
  }
  /// When the next byte may be moved.
  Instant free_at() const { return limited() ? free_at_ : Instant(); }
  bool exceeded(Instant now) const { return free_at() > now; }

 private:
  std::int64_t rate_ = unlimited;
  Instant free_at_;
};

}  // namespace trialog::replication
