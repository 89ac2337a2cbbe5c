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

}  // namespace

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
    scanner.skip(segment->damage());
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
    scanner.skip(segment->damage());
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
  auto batch = records::Batch::parse(buffer.slice(0, *got));
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
