#include "core/log/damage.h"

#include <algorithm>

#include "core/log/batch_scanner.h"
#include "core/records/batch.h"

namespace trialog::log {
namespace {

constexpr std::size_t search_window = 64u << 10;
constexpr std::size_t magic_at = 16;

/// Where to look, and for what: whole batches with offsets from `from` up to `end`.
struct Search {
  Search(std::shared_ptr<File> where, std::uint64_t last, Offset first_offset, Offset end_offset)
      : file(std::move(where)), file_end(last), from(first_offset), end(end_offset) {}
  std::shared_ptr<File> file;
  std::uint64_t file_end;
  Offset from;
  Offset end;
};

bool plausible(const Search& search, const std::expected<BatchHeader, std::string>& header) {
  return header && header->base >= search.from && header->end <= search.end;
}

/// Whether a whole batch begins at `position`; its base then.
Task<Result<std::optional<Offset>>> batch_at(Search search, std::uint64_t position) {
  BatchScanner scanner(search.file, position, search.file_end, BatchScanner::Check::contents);
  auto found = co_await scanner.next();
  if (!found && found.error().kind() != IoError::Kind::corrupt) co_return failure(found.error());
  if (!found || !*found || !plausible(search, **found)) co_return std::nullopt;
  co_return (**found).base;
}

/// What the damaged header says of its length is tried first: most damage is among the records.
Task<Result<std::uint64_t>> by_length(Search search, std::uint64_t position) {
  std::byte head[records::header_size];
  auto got = co_await search.file->read(position, head);
  if (!got) co_return failure(got.error());
  const auto bytes = std::span<const std::byte>(head, *got);
  auto header = BatchHeader::parse(bytes, position, search.file_end - position);
  co_return header ? position + header->size : position + 1;
}

}  // namespace

void add_damage(std::vector<Damage>& list, const Damage& damage) {
  auto merged = damage;
  std::erase_if(list, [&merged](const Damage& other) {
    if (other.position > merged.end_position || other.end_position < merged.position) return false;
    merged.from = std::min(merged.from, other.from);
    merged.end = std::max(merged.end, other.end);
    merged.position = std::min(merged.position, other.position);
    merged.end_position = std::max(merged.end_position, other.end_position);
    return true;
  });
  const auto at = std::find_if(list.begin(), list.end(), [&merged](const Damage& other) {
    return other.position > merged.position;
  });
  list.insert(at, merged);
}

Task<Result<Damage>> measure_damage(std::shared_ptr<File> file, std::uint64_t position,
                                    std::uint64_t file_end, Offset from, Offset end) {
  Damage damage(from, end, position, file_end);
  Search search(file, file_end, from, end);
  auto next = co_await by_length(search, position);
  if (!next) co_return failure(next.error());
  auto base = co_await batch_at(search, *next);
  if (!base) co_return failure(base.error());
  if (*base) co_return Damage(from, **base, position, *next);
  std::vector<std::byte> window(search_window);
  for (auto at = position + 1; at + records::header_size <= file_end;) {
    auto got = co_await file->read(at, window);
    if (!got) co_return failure(got.error());
    if (*got < records::header_size) break;
    const auto count = *got - records::header_size + 1;
    for (std::size_t i = 0; i < count; ++i) {
      if (window[i + magic_at] != std::byte{2}) continue;
      const auto bytes = std::span<const std::byte>(window).subspan(i, records::header_size);
      if (!plausible(search, BatchHeader::parse(bytes, at + i, file_end - at - i))) continue;
      base = co_await batch_at(search, at + i);
      if (!base) co_return failure(base.error());
      if (*base) co_return Damage(from, **base, position, at + i);
    }
    at += count;
  }
  co_return damage;
}

}  // namespace trialog::log
