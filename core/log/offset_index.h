#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"

namespace trialog::log {

/// Where every so manieth batch of a segment lies: Kafka's `.index`. Only a help: it is built again
/// from the batches whenever there is doubt about it.
///
/// Always true: offsets and positions both ascend strictly.
class OffsetIndex {
 public:
  static constexpr std::size_t entry_size = 8;
  struct Entry {
    std::int32_t last_offset;  // The batch's last offset, from the segment's base.
    std::int32_t position;     // Where the batch begins.
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// What a file holds: its entries up to the first that does not ascend, and whether behind them
  /// are only the zeros of a preallocated file.
  static OffsetIndex decode(std::span<const std::byte> file, bool& sound);
  /// The entries from the one at `first` on, as the file has them.
  Bytes encode(std::size_t first) const;

  void add(Entry entry);
  void clear() { entries_.clear(); }
  /// Where to begin to look for the offset `relative`: a batch begins there, and none before it
  /// holds the offset.
  std::uint64_t position_for(std::int64_t relative) const;
  /// The entry that `position_for` goes by; null if that is the segment's beginning.
  const Entry* entry_for(std::int64_t relative) const;
  /// The last indexed batch that begins at or before `position`.
  std::uint64_t batch_at_or_before(std::uint64_t position) const;
  std::size_t size() const { return entries_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace trialog::log
