#include "core/log/aborted_index.h"

#include "core/base/cursor.h"

namespace trialog::log {

std::expected<AbortedIndex, std::string> AbortedIndex::parse(std::span<const std::byte> file) {
  if (file.size() % entry_size != 0) {
    return std::unexpected("its size " + std::to_string(file.size()) + " is no multiple of 34");
  }
  AbortedIndex index;
  Reader reader(file);
  while (reader.left() > 0) {
    const auto version = reader.i16();
    if (version != 0) {
      return std::unexpected("an entry has version " + std::to_string(version) + ", not 0");
    }
    AbortedTransaction aborted;
    aborted.producer = ProducerId(reader.i64());
    aborted.first = Offset(reader.i64());
    aborted.end = Offset(reader.i64()) + 1;
    aborted.last_stable = Offset(reader.i64());
    index.aborted_.push_back(aborted);
  }
  return index;
}

Bytes AbortedIndex::encode() const {
  Writer writer;
  writer.reserve(aborted_.size() * entry_size);
  for (const auto& aborted : aborted_) {
    writer.i16(0);
    writer.i64(aborted.producer.value);
    writer.i64(aborted.first.value);
    writer.i64(aborted.end.value - 1);
    writer.i64(aborted.last_stable.value);
  }
  return Bytes(writer.take());
}

std::vector<AbortedTransaction> AbortedIndex::overlapping(Offset from, Offset to) const {
  std::vector<AbortedTransaction> found;
  for (const auto& aborted : aborted_) {
    if (aborted.end > from && aborted.first < to) found.push_back(aborted);
  }
  return found;
}

bool AbortedIndex::cut(Offset end) {
  return std::erase_if(aborted_, [end](const auto& aborted) { return aborted.end > end; }) > 0;
}

}  // namespace trialog::log
