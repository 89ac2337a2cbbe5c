#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// How a run ended; the values are the exit codes of `trialog`.
enum class Verdict {
  holds = 0,
  usage = 2,
  safety = 10,
  liveness = 11,
  crash = 12,
  nondeterminism = 13,
  vacuous = 14,
  budget = 15,
};

/// "holds", "safety" …, as the last line of a run names it.
std::string_view verdict_name(Verdict verdict);

/// Everything that a run says about itself.
struct Report {
  Verdict verdict = Verdict::holds;
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  Duration simulated{0};
  Violations violations;
  std::vector<std::string> transcript;

  /// Takes `worse` if it weighs more than what is there: safety before liveness before vacuous.
  void raise(Verdict worse);
  /// "outcome=holds seed=7 hash=… events=… simulated=1.234s wall=0.012s".
  std::string line(Duration wall) const;
};

}  // namespace trialog::scenarios
