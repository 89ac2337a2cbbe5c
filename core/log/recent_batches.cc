#include "core/log/recent_batches.h"

#include <algorithm>

namespace trialog::log {
namespace {

/// Smaller batches are copied, many into one piece of memory: a slice would keep the whole buffer
/// alive that it arrived in, and what lies side by side is written as one.
constexpr std::size_t small = 2048;
constexpr std::size_t copies_size = 64u << 10;

}  // namespace

Bytes RecentBatches::add(Offset base, Offset end, Bytes batch) {
  bytes_ += static_cast<std::int64_t>(batch.size());
  if (batch.size() < small) batch = copied(batch);
  batches_.emplace_back(base, end, batch);
  return batch;
}

void RecentBatches::keep(std::int64_t limit, Offset written) {
  while (bytes_ > limit && !batches_.empty() && batches_.front().end <= written) forget_oldest();
}

Bytes RecentBatches::copied(const Bytes& batch) {
  if (copies_.capacity() - copies_.size() < batch.size()) {
    // A log that is hardly written to should not hold much.
    copies_ = Buffer(std::clamp(2 * copies_.capacity(), small, copies_size));
  }
  const auto first = copies_.size();
  copies_.append(batch.view());
  return copies_.slice(first, batch.size());
}

std::optional<Bytes> RecentBatches::joined(const Bytes& batch, const Bytes& next) const {
  const auto held = copies_.view();
  const bool both =
      batch.data() >= held.data() && next.data() + next.size() <= held.data() + held.size();
  if (!both || batch.data() + batch.size() != next.data()) return std::nullopt;
  const auto first = static_cast<std::size_t>(batch.data() - held.data());
  return copies_.slice(first, batch.size() + next.size());
}

Chain RecentBatches::read(Offset from, Offset end, std::size_t limit,
                          bool only_within_limit) const {
  auto at = std::partition_point(batches_.begin(), batches_.end(),
                                 [from](const Recent& batch) { return batch.end <= from; });
  Chain chain;
  for (; at != batches_.end() && at->base < end; ++at) {
    const bool fits = chain.size() + at->bytes.size() <= limit;
    if (!fits && (only_within_limit || !chain.empty())) break;
    chain.append(at->bytes);
  }
  return chain;
}

void RecentBatches::cut(Offset end) {
  while (!batches_.empty() && batches_.back().end > end) {
    bytes_ -= static_cast<std::int64_t>(batches_.back().bytes.size());
    batches_.pop_back();
  }
}

void RecentBatches::forget_oldest() {
  bytes_ -= static_cast<std::int64_t>(batches_.front().bytes.size());
  batches_.pop_front();
}

}  // namespace trialog::log
