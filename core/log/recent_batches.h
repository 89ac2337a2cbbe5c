#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/base/chain.h"
#include "core/base/ids.h"

namespace trialog::log {

/// The newest batches of a log, in memory.
///
/// Always true: they ascend without a batch missing between them and reach to the log's end, and
/// from where the log is written at least; `bytes()` is their sum.
class RecentBatches {
 public:
  /// Keeps the batch. Gives the memory that it lies in from now on.
  Bytes add(Offset base, Offset end, Bytes batch);
  /// Forgets the oldest while there are more than `limit` bytes, but none that ends behind
  /// `written`: those lie nowhere else.
  void keep(std::int64_t limit, Offset written);
  /// `batch` and `next` as one piece, if `add` gave them one behind the other; else nothing.
  std::optional<Bytes> joined(const Bytes& batch, const Bytes& next) const;
  bool holds(Offset offset) const { return !batches_.empty() && offset >= batches_.front().base; }
  /// As `PartitionLog::read`; must hold `from`.
  Chain read(Offset from, Offset end, std::size_t limit, bool only_within_limit) const;
  /// Forgets the older half, as far as it is written.
  void shrink(Offset written) { keep(bytes_ / 2, written); }
  /// Forgets those that end behind `end`: they are no longer in the log.
  void cut(Offset end);
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Recent {
    Offset base;
    Offset end;
    Bytes bytes;
  };
  void forget_oldest();
  Bytes copied(const Bytes& batch);

  Buffer copies_;
  std::deque<Recent> batches_;
  std::int64_t bytes_ = 0;
};

}  // namespace trialog::log
