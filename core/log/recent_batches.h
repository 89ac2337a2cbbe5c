#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/base/chain.h"
#include "core/base/ids.h"

namespace trialog::log {

/// The newest batches of a log, in memory.
///
/// Always true: they are consecutive and reach to the log's end; `bytes()` is their sum.
class RecentBatches {
 public:
  /// Keeps the batch and forgets the oldest while there are more than `limit` bytes. Gives the
  /// memory that it lies in from now on.
  Bytes add(Offset base, Offset end, Bytes batch, std::int64_t limit);
  /// `batch` and `next` as one piece, if `add` gave them one behind the other; else nothing.
  std::optional<Bytes> joined(const Bytes& batch, const Bytes& next) const;
  bool holds(Offset offset) const { return !batches_.empty() && offset >= batches_.front().base; }
  /// As `PartitionLog::read`; must hold `from`.
  Chain read(Offset from, Offset end, std::size_t limit, bool only_within_limit) const;
  /// Forgets the older half.
  void shrink();
  void clear();
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
