#include "core/broker/deadlines.h"

namespace trialog::broker {

Deadlines::Entry::Entry(Deadlines& deadlines, Instant when, Signal& signal, OffsetWaiters& waiters)
    : deadlines_(deadlines),
      signal_(signal),
      waiters_(waiters),
      at_(deadlines.entries_.emplace_hint(deadlines.entries_.end(), when, this)) {
  if (when >= deadlines.rings_at_) return;
  deadlines.rings_at_ = when;
  deadlines.bell_ = std::make_unique<TaskGroup>(deadlines.executor_);
  deadlines.bell_->run("deadlines", deadlines.ring());
}

Deadlines::Entry::~Entry() {
  if (!passed_) deadlines_.entries_.erase(at_);
}

Task<void> Deadlines::ring() {
  while (rings_at_ != never) {
    co_await clock_.sleep_until(rings_at_);
    const auto now = clock_.now();
    while (!entries_.empty() && entries_.begin()->first <= now) {
      auto& entry = *entries_.begin()->second;
      entries_.erase(entries_.begin());
      entry.passed_ = true;
      entry.signal_.raise();
      entry.waiters_.raise();
    }
    rings_at_ = entries_.empty() ? never : entries_.begin()->first;
  }
}

}  // namespace trialog::broker
