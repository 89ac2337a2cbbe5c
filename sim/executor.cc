#include "sim/executor.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::sim {
namespace {

/// Who runs next is drawn among so many of those that have waited longest: enough to shuffle, and
/// nobody waits without bound.
constexpr std::size_t drawn_among = 16;

}  // namespace

SimExecutor::SimExecutor(World& world, NodeIndex node, Random order)
    : world_(world), node_(node), order_(order), turn_(*this, node) {}

void SimExecutor::wake(Runnable& runnable) {
  ready_.push_back(runnable);
  arm();
}

void SimExecutor::resume() {
  paused_ = false;
  arm();
}

void SimExecutor::arm() {
  if (paused_ || in_turn_ || ready_.empty() || turn_.pending()) return;
  world_.schedule(turn_, world_.now() + per_turn_);
}

void SimExecutor::run_one() {
  if (paused_ || ready_.empty()) return;
  CHECK(!in_turn_);
  std::size_t index = 0;
  if (ready_.size() > 1) index = order_.below(std::min(ready_.size(), drawn_among));
  Runnable& chosen = *ready_.take(index);
  world_.record(node_, "run", digest(chosen.name()), chosen.name());
  in_turn_ = true;
  chosen.run();
  in_turn_ = false;
  arm();
}

}  // namespace trialog::sim
