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
  co_return co_await rebuild_indexes(options);
}

Task<Status> Segment::rebuild_indexes(const Options& options) {
  auto opened = co_await file();
  if (!opened) co_return failure(opened.error());
  Segment again(disk_, directory_, base_, created_);
  BatchScanner scanner(*opened, 0, written_, BatchScanner::Check::headers);
  scanner.expect(base_);
  scanner.skip(damage_);
  while (true) {
    auto next = co_await scanner.next();
    if (scanner.skipped()) again.add_damaged(*scanner.skipped());
    if (!next && next.error().kind() == IoError::Kind::corrupt && end_ > base_) {
      auto damage = co_await measure_damage(*opened, scanner.position(), written_,
                                            scanner.reached().value_or(base_), end_);
      if (!damage) co_return failure(damage.error());
      note_damage(*damage);
      scanner.skip(damage_);
      continue;
    }
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
  for (const auto& damage : damage_) {
    if (damage.end_position <= position) segment->damage_.push_back(damage);
  }
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

Task<Result<std::shared_ptr<Segment>>> Segment::repaired(std::shared_ptr<File> mended,
                                                         Damage damage, std::int64_t change,
                                                         Offset end, Options options) {
  auto segment = std::make_shared<Segment>(disk_, directory_, base_, created_);
  std::vector<Damage> rest;
  for (auto other : damage_) {
    if (other == damage) continue;
    if (other.position > damage.position) {
      other.position += static_cast<std::uint64_t>(change);
      other.end_position += static_cast<std::uint64_t>(change);
    }
    rest.push_back(other);
  }
  const auto size = mended->size();
  BatchScanner scanner(mended, 0, size, BatchScanner::Check::contents);
  scanner.expect(base_);
  scanner.expect_end(end);
  scanner.skip(rest);
  while (true) {
    auto next = co_await scanner.next();
    if (scanner.skipped()) segment->add_damaged(*scanner.skipped());
    if (!next) co_return failure(next.error());
    if (!*next) break;
    segment->add(**next, options);
  }
  segment->adopt(std::move(mended), size, end);
  segment->finish();
  co_return segment;
}

Task<Status> Segment::remove_indexes() {
  for (const auto suffix : {offset_index_suffix, time_index_suffix}) {
    auto removed = co_await disk_.remove(path(suffix));
    if (!removed && removed.error().kind() != IoError::Kind::not_found) co_return removed;
  }
  co_return co_await disk_.sync_names(directory_);
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
