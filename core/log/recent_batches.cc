#include "core/log/recent_batches.h"

#include <algorithm>

namespace trialog::log {
namespace {

/// Smaller batches are copied: a slice would keep the whole buffer alive that it arrived in.
constexpr std::size_t small = 1024;

}  // namespace

void RecentBatches::add(Offset base, Offset end, Bytes batch, std::int64_t limit) {
  bytes_ += static_cast<std::int64_t>(batch.size());
  if (batch.size() < small) batch = Bytes::copy_of(batch.view());
  batches_.emplace_back(base, end, std::move(batch));
  while (bytes_ > limit && !batches_.empty()) forget_oldest();
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

void RecentBatches::shrink() {
  const auto limit = bytes_ / 2;
  while (bytes_ > limit) forget_oldest();
}

void RecentBatches::clear() {
  batches_.clear();
  bytes_ = 0;
}

void RecentBatches::forget_oldest() {
  bytes_ -= static_cast<std::int64_t>(batches_.front().bytes.size());
  batches_.pop_front();
}

}  // namespace trialog::log
