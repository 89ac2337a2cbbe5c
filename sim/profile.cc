#include <fmt/format.h>

#include "sim/chaos.h"

namespace trialog::sim {
namespace {

constexpr std::uint64_t faultless_in_hundred = 7;
constexpr Duration shortest_gap = milliseconds(100);
constexpr std::uint64_t doublings = 8;

/// Log-uniform in [0.1 s, 25.6 s), in whole numbers: they decide what happens.
Duration drawn_gap(Random& random) {
  const auto low = shortest_gap.count() << random.below(doublings);
  return Duration(low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(low))));
}

}  // namespace

bool FaultProfile::none() const {
  for (const auto one : gap) {
    if (one > Duration(0)) return false;
  }
  return true;
}

FaultProfile FaultProfile::draw(Random random, const std::vector<Family>& wanted) {
  FaultProfile profile;
  const bool faultless = random.below(100) < faultless_in_hundred;
  std::array<Duration, family_count> drawn{};
  for (std::size_t i = 0; i < family_count; ++i) {
    const bool on = random.below(2) == 0;
    const auto gap = drawn_gap(random);
    if (on && !faultless) drawn[i] = gap;
  }
  for (const auto family : wanted) {
    profile.gap_of(family) = drawn[static_cast<std::size_t>(family)];
  }
  profile.acts = random.next();
  profile.disk_faults = random.next();
  return profile;
}

FaultProfile FaultProfile::steady(const std::vector<Family>& wanted, Duration gap) {
  FaultProfile profile;
  for (const auto family : wanted) profile.gap_of(family) = gap;
  return profile;
}

std::string FaultProfile::text() const {
  std::string text;
  for (std::size_t i = 0; i < family_count; ++i) {
    if (gap[i] == Duration(0)) continue;
    if (!text.empty()) text += ", ";
    const auto ms = gap[i] / milliseconds(1);
    text += fmt::format("{} every {}.{:03}s", family_names[i], ms / 1000, ms % 1000);
  }
  return text.empty() ? "none" : text;
}

}  // namespace trialog::sim
