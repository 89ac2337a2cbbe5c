#include "core/client/backoff.h"

#include <algorithm>

namespace trialog::client {

Duration backoff(Duration first, Duration most, int failures, Random& random) {
  auto wait = std::min(first, most);
  for (int i = 1; i < failures && wait < most; ++i) wait = std::min(wait * 2, most);
  const auto fifth = static_cast<std::uint64_t>(wait.count() / 5);
  return wait - Duration(static_cast<std::int64_t>(random.below(fifth + 1)));
}

}  // namespace trialog::client
