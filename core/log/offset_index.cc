#include "core/log/offset_index.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/cursor.h"

namespace trialog::log {

OffsetIndex OffsetIndex::decode(std::span<const std::byte> file, bool& sound) {
  OffsetIndex index;
  Reader reader(file);
  bool zeros = false;
  sound = file.size() % entry_size == 0;
  index.entries_.reserve(std::min<std::size_t>(file.size() / entry_size, 1024));
  while (reader.left() >= entry_size) {
    Entry entry;
    entry.last_offset = reader.i32();
    entry.position = reader.i32();
    // No entry has position 0: the first batch of a segment is never indexed.
    if (entry == Entry(0, 0)) {
      zeros = true;
      continue;
    }
    const bool first = index.entries_.empty();
    const bool ascends = entry.position > 0 && entry.last_offset >= 0 &&
                         (first || (entry.last_offset > index.entries_.back().last_offset &&
                                    entry.position > index.entries_.back().position));
    if (zeros || !ascends) {
      sound = false;
      break;
    }
    index.entries_.push_back(entry);
  }
  return index;
}

Bytes OffsetIndex::encode(std::size_t first) const {
  CHECK(first <= entries_.size());
  Writer writer;
  writer.reserve((entries_.size() - first) * entry_size);
  for (auto at = first; at < entries_.size(); ++at) {
    writer.i32(entries_[at].last_offset);
    writer.i32(entries_[at].position);
  }
  return Bytes(writer.take());
}

void OffsetIndex::add(Entry entry) {
  if (!entries_.empty()) {
    CHECK(entry.last_offset > entries_.back().last_offset);
    CHECK(entry.position > entries_.back().position);
  }
  entries_.push_back(entry);
}

const OffsetIndex::Entry* OffsetIndex::entry_for(std::int64_t relative) const {
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), relative,
      [](std::int64_t wanted, const Entry& entry) { return wanted < entry.last_offset; });
  return after == entries_.begin() ? nullptr : &*(after - 1);
}

std::uint64_t OffsetIndex::position_for(std::int64_t relative) const {
  const auto* entry = entry_for(relative);
  return entry == nullptr ? 0 : static_cast<std::uint64_t>(entry->position);
}

std::uint64_t OffsetIndex::batch_at_or_before(std::uint64_t position) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), position,
                                      [](std::uint64_t wanted, const Entry& entry) {
                                        return wanted < static_cast<std::uint64_t>(entry.position);
                                      });
  return after == entries_.begin() ? 0 : static_cast<std::uint64_t>((after - 1)->position);
}

}  // namespace trialog::log
