#include "core/log/batch_scanner.h"
#include "core/log/names.h"
#include "core/log/segment.h"

namespace trialog::log {
namespace {

/// No sound index file is larger (log.index.size.max.bytes is an int32).
constexpr std::size_t index_limit = 1u << 31;

/// Nothing if the file can't be what it should be: then it is built again.
Task<Result<std::optional<Bytes>>> read_index(Disk& disk, Disk::Path path) {
  auto bytes = co_await read_file(disk, path, index_limit);
  if (bytes) co_return std::optional<Bytes>(std::move(*bytes));
  const auto kind = bytes.error().kind();
  if (kind == IoError::Kind::not_found || kind == IoError::Kind::corrupt) {
    co_return std::optional<Bytes>();
  }
  co_return failure(bytes.error());
}

}  // namespace

Task<Status> Segment::load_indexes(const Options& options) {
  auto offset_bytes = co_await read_index(disk_, path(offset_index_suffix));
  if (!offset_bytes) co_return failure(offset_bytes.error());
  auto time_bytes = co_await read_index(disk_, path(time_index_suffix));
  if (!time_bytes) co_return failure(time_bytes.error());
  if (*offset_bytes && *time_bytes) {
    bool sound = false;
    bool timed = false;
    auto offsets = OffsetIndex::decode((**offset_bytes).view(), sound);
    auto times = TimeIndex::decode((**time_bytes).view(), timed);
    const auto behind = offsets.size() == 0 ? 0 : offsets.entries().back().position;
    sound = sound && timed && (size_ == 0 || static_cast<std::uint64_t>(behind) < size_) &&
            (times.size() > 0 || size_ == 0);
    if (sound) {
      const bool exact = (**offset_bytes).size() == offsets.size() * OffsetIndex::entry_size &&
                         (**time_bytes).size() == times.size() * TimeIndex::entry_size;
      adopt_indexes(std::move(offsets), std::move(times), exact);
      co_return Status();
    }
  }
  auto opened = co_await file();
  if (!opened) co_return failure(opened.error());
  Segment again(disk_, directory_, base_, created_);
  BatchScanner scanner(*opened, 0, written_, BatchScanner::Check::headers);
  scanner.expect(base_);
  while (true) {
    auto next = co_await scanner.next();
    if (!next) co_return failure(next.error());
    if (!*next) break;
    again.add(**next, options);
  }
  again.finish();
  adopt_indexes(std::move(again.offsets_), std::move(again.times_), false);
  co_return Status();
}

Task<Status> Segment::indexed_now(const Options& options) {
  if (indexed_) co_return Status();
  co_return co_await load_indexes(options);
}

std::shared_ptr<Segment> Segment::cut(std::shared_ptr<File> opened, std::uint64_t position) const {
  auto segment = std::make_shared<Segment>(disk_, directory_, base_, created_);
  segment->file_ = std::move(opened);
  segment->made_ = true;
  segment->size_ = segment->written_ = position;
  Offset reached = base_;
  for (const auto& entry : offsets_.entries()) {
    if (static_cast<std::uint64_t>(entry.position) >= position) break;
    segment->offsets_.add(entry);
    reached = base_ + entry.last_offset;
  }
  // A time entry behind the last offset entry is found again in the batches.
  for (const auto& entry : times_.entries()) {
    if (base_ + entry.last_offset > reached) break;
    segment->times_.add(entry);
    segment->set_largest(entry.timestamp, base_ + entry.last_offset);
  }
  return segment;
}

Task<Status> Segment::replace_indexes() {
  auto offsets = offsets_.encode(0);
  auto done = co_await replace_file(disk_, path(offset_index_suffix), std::move(offsets));
  if (!done) co_return done;
  auto times = times_.encode(0);
  done = co_await replace_file(disk_, path(time_index_suffix), std::move(times));
  offset_file_ = IndexFile(nullptr, offsets_.size());
  time_file_ = IndexFile(nullptr, times_.size());
  co_return done;
}

/// The last entry of the time index tells, so that many segments can be opened without reading
/// their indexes.
Task<Status> Segment::load_largest(const Options& options) {
  if (size_ == 0) co_return Status();
  auto opened = co_await disk_.open(path(time_index_suffix), Disk::Open::existing);
  if (!opened && opened.error().kind() != IoError::Kind::not_found) {
    co_return failure(opened.error());
  }
  const auto bytes = opened ? (*opened)->size() : 0;
  if (bytes > 0 && bytes % TimeIndex::entry_size == 0) {
    std::byte last[TimeIndex::entry_size];
    auto got = co_await (*opened)->read(bytes - TimeIndex::entry_size, last);
    if (!got) co_return failure(got.error());
    bool sound = false;
    const auto entry = TimeIndex::decode(std::span<const std::byte>(last, *got), sound);
    if (sound && entry.size() == 1) {
      set_largest(entry.entries()[0].timestamp, base_ + entry.entries()[0].last_offset);
      co_return Status();
    }
  }
  auto loaded = co_await load_indexes(options);
  if (!loaded) co_return loaded;
  co_return co_await write_indexes();
}

}  // namespace trialog::log
