#include "core/log/time_index.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/cursor.h"

namespace trialog::log {

TimeIndex TimeIndex::decode(std::span<const std::byte> file, bool& sound) {
  TimeIndex index;
  Reader reader(file);
  bool zeros = false;
  sound = file.size() % entry_size == 0;
  index.entries_.reserve(std::min<std::size_t>(file.size() / entry_size, 1024));
  while (reader.left() >= entry_size) {
    Entry entry;
    entry.timestamp = reader.i64();
    entry.last_offset = reader.i32();
    if (entry == Entry(0, 0)) {
      zeros = true;
      continue;
    }
    const bool first = index.entries_.empty();
    const bool ascends = entry.timestamp >= 0 && entry.last_offset >= 0 &&
                         (first || (entry.timestamp > index.entries_.back().timestamp &&
                                    entry.last_offset >= index.entries_.back().last_offset));
    if (zeros || !ascends) {
      sound = false;
      break;
    }
    index.entries_.push_back(entry);
  }
  return index;
}

Bytes TimeIndex::encode(std::size_t first) const {
  CHECK(first <= entries_.size());
  Writer writer;
  writer.reserve((entries_.size() - first) * entry_size);
  for (auto at = first; at < entries_.size(); ++at) {
    writer.i64(entries_[at].timestamp);
    writer.i32(entries_[at].last_offset);
  }
  return Bytes(writer.take());
}

void TimeIndex::add(Entry entry) {
  // An entry of zeros would look like the unused end of a preallocated file.
  if (entry.timestamp < 0 || entry == Entry(0, 0)) return;
  if (!entries_.empty()) {
    if (entry.timestamp <= entries_.back().timestamp) return;
    CHECK(entry.last_offset >= entries_.back().last_offset);
  }
  entries_.push_back(entry);
}

std::optional<TimeIndex::Entry> TimeIndex::at_or_before(std::int64_t timestamp) const {
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), timestamp,
      [](std::int64_t wanted, const Entry& entry) { return wanted < entry.timestamp; });
  if (after == entries_.begin()) return std::nullopt;
  return *(after - 1);
}

std::optional<TimeIndex::Entry> TimeIndex::within(std::int64_t last_offset) const {
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), last_offset,
      [](std::int64_t wanted, const Entry& entry) { return wanted < entry.last_offset; });
  if (after == entries_.begin()) return std::nullopt;
  return *(after - 1);
}

}  // namespace trialog::log
