#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.h"

namespace trialog::log {

/// Up to which offset of a segment no timestamp is larger: Kafka's `.timeindex`.
///
/// Always true: timestamps ascend strictly, offsets do not descend.
class TimeIndex {
 public:
  static constexpr std::size_t entry_size = 12;
  struct Entry {
    std::int64_t timestamp;    // The largest of all records up to and with `last_offset`.
    std::int32_t last_offset;  // Of the earliest batch that has it, from the segment's base.
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// As `OffsetIndex::decode`.
  static TimeIndex decode(std::span<const std::byte> file, bool& sound);
  Bytes encode(std::size_t first) const;

  /// Adds the entry unless its timestamp is no larger than that of the last one, or negative.
  void add(Entry entry);
  void clear() { entries_.clear(); }
  /// The last entry whose timestamp is at most `timestamp`.
  std::optional<Entry> at_or_before(std::int64_t timestamp) const;
  /// The last entry that speaks only of records at or before `last_offset`.
  std::optional<Entry> within(std::int64_t last_offset) const;
  std::size_t size() const { return entries_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace trialog::log
