#include <algorithm>

#include "core/log/batch_scanner.h"
#include "core/log/directory_state.h"
#include "core/log/partition_log.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::log {
namespace {

/// No batch that was accepted holds more.
constexpr std::size_t decompressed_limit = 1u << 30;

/// The first batch at or behind `from_position` that does not end at or before `offset`.
Task<Result<std::optional<BatchHeader>>> find_batch(std::shared_ptr<File> file,
                                                    std::uint64_t from_position,
                                                    std::uint64_t end_position, Offset offset) {
  BatchScanner scanner(std::move(file), from_position, end_position, BatchScanner::Check::headers);
  while (true) {
    auto next = co_await scanner.next();
    if (!next || !*next || (**next).end > offset) co_return next;
  }
}

/// Where the batches end that begin before `end` and lie before `limit`; a batch begins at
/// `from_position`.
Task<Result<std::uint64_t>> find_end(std::shared_ptr<File> file, std::uint64_t from_position,
                                     std::uint64_t limit, Offset end) {
  BatchScanner scanner(std::move(file), from_position, limit, BatchScanner::Check::headers);
  auto stop = from_position;
  while (true) {
    auto next = co_await scanner.next();
    // The batch over which `limit` falls looks as if the file ended in it.
    if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
    if (!next || !*next || (**next).base >= end) co_return stop;
    stop = scanner.position();
  }
}

}  // namespace

std::shared_ptr<Segment> PartitionLog::segment_for(Offset offset) const {
  const auto after =
      std::partition_point(segments_.begin(), segments_.end(),
                           [offset](const auto& segment) { return segment->base() <= offset; });
  return after == segments_.begin() ? segments_.front() : *(after - 1);
}

/// Of the segments that are complete, only one has its indexes in memory at a time.
Task<Status> PartitionLog::indexed(std::shared_ptr<Segment> segment) {
  if (segment->indexed()) co_return Status();
  auto loaded = co_await segment->load_indexes(options_);
  if (!loaded) co_return loaded;
  if (looked_up_ && looked_up_ != segment) looked_up_->forget_indexes();
  looked_up_ = segment;
  co_return Status();
}

Task<Result<Chain>> PartitionLog::read(Offset from, Offset end, std::size_t limit,
                                       bool only_within_limit) {
  if (directory_->given_up()) {
    co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  }
  while (true) {
    if (from < start_ || from > end_) {
      co_return failure(IoError::Kind::not_found, "offset " + std::to_string(from.value) + " of " +
                                                      partition_.text() + " is out of range");
    }
    const auto bound = std::min(end, end_);
    if (from >= bound) co_return Chain();
    if (recent_.holds(from)) co_return recent_.read(from, bound, limit, only_within_limit);
    const auto truncations = truncations_;
    auto found = co_await read_file(from, bound, limit, only_within_limit);
    // What was found may be there no more.
    if (truncations_ != truncations) continue;
    if (!found) co_return failure(given_up(found.error()));
    co_return found;
  }
}

Task<Result<Chain>> PartitionLog::read_file(Offset from, Offset end, std::size_t limit,
                                            bool only_within_limit) {
  auto segment = segment_for(from);
  std::optional<BatchHeader> first;
  std::shared_ptr<File> file;
  while (true) {
    auto opened = co_await segment->file();
    if (!opened) co_return failure(opened.error());
    file = *opened;
    auto loaded = co_await indexed(segment);
    if (!loaded) co_return failure(loaded.error());
    const auto near = segment->offsets().position_for(from - segment->base());
    auto found = co_await find_batch(file, near, segment->written(), from);
    if (!found) co_return failure(found.error());
    first = *found;
    if (first) break;
    // Compaction may have emptied the end of a segment.
    const auto next =
        std::upper_bound(segments_.begin(), segments_.end(), segment->base(),
                         [](Offset base, const auto& other) { return base < other->base(); });
    if (next == segments_.end()) co_return Chain();
    segment = *next;
  }
  if (first->base >= end) co_return Chain();
  if (first->size > limit) {
    if (only_within_limit) co_return Chain();
    Chain alone;
    alone.append(FileRange(file, first->position, first->size));
    co_return alone;
  }
  auto loaded = co_await indexed(segment);
  if (!loaded) co_return failure(loaded.error());
  const auto room = segment->written() - first->position;
  const auto bound = first->position + std::min<std::uint64_t>(limit, room);
  auto stop = bound;
  if (limit < room || segment->end() > end) {
    const auto& offsets = segment->offsets();
    const auto by_offset = offsets.position_for(end - segment->base() - 1);
    const auto near = std::min(offsets.batch_at_or_before(bound), by_offset);
    auto found = co_await find_end(file, std::max(near, first->position), bound, end);
    if (!found) co_return failure(found.error());
    stop = *found;
  }
  Chain chain;
  chain.append(FileRange(file, first->position, stop - first->position));
  co_return chain;
}

Task<Result<std::optional<TimedOffset>>> PartitionLog::first_at_or_after(WallTime when,
                                                                         Offset below) {
  const auto wanted = to_ms(when);
  const auto end = std::min(committed_end_, below);
  const auto segments = segments_;
  for (const auto& segment : segments) {
    if (segment->base() >= end) break;
    if (segment->largest_timestamp() < wanted) continue;
    auto opened = co_await segment->file();
    if (!opened) co_return failure(given_up(opened.error()));
    auto loaded = co_await indexed(segment);
    if (!loaded) co_return failure(given_up(loaded.error()));
    std::int64_t near = start_ - segment->base();
    if (const auto entry = segment->times().at_or_before(wanted)) {
      near = std::max<std::int64_t>(near, entry->last_offset);
    }
    BatchScanner scanner(*opened, segment->offsets().position_for(near), segment->written(),
                         BatchScanner::Check::headers);
    while (true) {
      auto next = co_await scanner.next();
      if (!next) co_return failure(given_up(next.error()));
      if (!*next || (**next).base >= end) break;
      if ((**next).max_timestamp < wanted || (**next).end <= start_) continue;
      auto found = co_await record_at(*segment, **next, wanted);
      if (!found || *found) co_return found;
    }
  }
  co_return std::nullopt;
}

Task<Result<std::optional<TimedOffset>>> PartitionLog::largest_timestamp(Offset below) {
  const auto end = std::min(committed_end_, below);
  const auto segments = segments_;
  std::optional<BatchHeader> best;
  std::shared_ptr<Segment> holder;
  for (const auto& segment : segments) {
    if (segment->base() >= end) break;
    if (best && segment->largest_timestamp() <= best->max_timestamp) continue;
    auto opened = co_await segment->file();
    if (!opened) co_return failure(given_up(opened.error()));
    auto loaded = co_await indexed(segment);
    if (!loaded) co_return failure(given_up(loaded.error()));
    std::int64_t near = start_ - segment->base();
    if (const auto entry = segment->times().within(end - segment->base() - 1)) {
      near = std::max<std::int64_t>(near, entry->last_offset);
    }
    BatchScanner scanner(*opened, segment->offsets().position_for(near), segment->written(),
                         BatchScanner::Check::headers);
    while (true) {
      auto next = co_await scanner.next();
      if (!next) co_return failure(given_up(next.error()));
      if (!*next || (**next).base >= end) break;
      if ((**next).end <= start_ || (best && (**next).max_timestamp <= best->max_timestamp)) {
        continue;
      }
      best = **next;
      holder = segment;
    }
  }
  if (!best || best->max_timestamp < 0) co_return std::nullopt;
  co_return co_await record_at(*holder, *best, best->max_timestamp);
}

/// The first record of the batch with a timestamp of at least `timestamp`.
Task<Result<std::optional<TimedOffset>>> PartitionLog::record_at(Segment& segment,
                                                                 BatchHeader header,
                                                                 std::int64_t timestamp) {
  auto file = co_await segment.file();
  if (!file) co_return failure(given_up(file.error()));
  Buffer buffer(header.size);
  auto got = co_await (*file)->read(header.position, buffer.room());
  if (!got) co_return failure(given_up(got.error()));
  buffer.filled(*got);
  auto batch = records::Batch::trusted(buffer.slice(0, *got));
  if (!batch) co_return failure(batch.error());
  auto payload = records::uncompressed(*batch, decompressed_limit);
  if (!payload) co_return failure(payload.error());
  records::RecordReader reader(*batch, payload->view());
  records::Record record;
  while (reader.next(record)) {
    const auto offset = records::offset_of(*batch, record);
    const auto at = records::timestamp_of(*batch, record);
    if (to_ms(at) >= timestamp && offset >= start_) {
      co_return TimedOffset(at, offset, batch->leader_epoch());
    }
  }
  auto whole = reader.status();
  if (!whole) co_return failure(whole.error());
  co_return std::nullopt;
}

}  // namespace trialog::log
