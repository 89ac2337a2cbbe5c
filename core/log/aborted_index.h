#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace trialog::log {

/// A transaction that was aborted, as the records of one segment saw it.
struct AbortedTransaction {
  ProducerId producer;
  Offset first;
  Offset end;  // Behind its marker.
  Offset last_stable;
  friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

/// The aborted transactions of a segment: Kafka's `.txnindex`, in order of their markers.
class AbortedIndex {
 public:
  static constexpr std::size_t entry_size = 34;

  static std::expected<AbortedIndex, std::string> parse(std::span<const std::byte> file);
  Bytes encode() const;

  void add(const AbortedTransaction& aborted) { aborted_.push_back(aborted); }
  /// Those that overlap with [from, to).
  std::vector<AbortedTransaction> overlapping(Offset from, Offset to) const;
  /// Forgets those whose marker lies at or behind `end`; true if there were any.
  bool cut(Offset end);
  const std::vector<AbortedTransaction>& all() const { return aborted_; }

 private:
  std::vector<AbortedTransaction> aborted_;
};

}  // namespace trialog::log
