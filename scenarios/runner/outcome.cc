#include "scenarios/runner/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trialog::scenarios {
namespace {

struct Name {
  Verdict verdict;
  std::string_view name;
};
/// The worst first.
constexpr std::array<Name, 8> names{{
    {Verdict::crash, "crash"},
    {Verdict::nondeterminism, "nondeterminism"},
    {Verdict::safety, "safety"},
    {Verdict::liveness, "liveness"},
    {Verdict::budget, "budget"},
    {Verdict::vacuous, "vacuous"},
    {Verdict::usage, "usage"},
    {Verdict::holds, "holds"},
}};

const Name* find(Verdict verdict) { return std::ranges::find(names, verdict, &Name::verdict); }

std::int64_t ms(Duration duration) { return duration / milliseconds(1); }

}  // namespace

std::string_view verdict_name(Verdict verdict) { return find(verdict)->name; }

void Report::raise(Verdict worse) {
  if (find(worse) < find(verdict)) verdict = worse;
}

std::string Report::line(Duration wall) const {
  return fmt::format("outcome={} seed={} hash={:016x} events={} simulated={}.{:03}s wall={}.{:03}s",
                     verdict_name(verdict), seed, hash, events, ms(simulated) / 1000,
                     ms(simulated) % 1000, ms(wall) / 1000, ms(wall) % 1000);
}

}  // namespace trialog::scenarios
