#include <algorithm>

#include "core/base/crc32c.h"
#include "core/log/batch_scanner.h"
#include "core/log/directory_state.h"
#include "core/log/names.h"
#include "core/log/partition_log.h"
#include "core/records/batch.h"

namespace trialog::log {
namespace {

constexpr std::size_t window = 512u << 10;
/// The CRC covers everything from the attributes on.
constexpr std::size_t crc_from = 21;
/// As much is read into memory at once.
constexpr std::size_t most_at_once = 1u << 20;

/// Batches of a segment's file that were read into memory, one after the other, as long as each is
/// whole and follows the one before it.
class Checked {
 public:
  Checked(std::shared_ptr<std::byte[]> memory, std::size_t size, std::uint64_t from,
          const Epochs& epochs)
      : memory_(std::move(memory)), bytes_(memory_.get(), size), from_(from), epochs_(epochs) {}

  /// The next batch, which must begin at the offset `base`, or end at `end` where that is known
  /// instead; nothing if it does not, or is damaged, or does not lie in memory as a whole.
  std::optional<BatchHeader> next(std::optional<Offset> base, std::optional<Offset> end) {
    const auto left = bytes_.subspan(at_);
    if (left.size() < records::header_size) return std::nullopt;
    const auto header = BatchHeader::parse(left, from_ + at_, left.size());
    if (!header || (base && header->base != *base) || (end && header->end != *end)) return {};
    const auto known = epochs_.at(header->base);
    if (known != no_epoch && header->leader_epoch != known) return std::nullopt;
    const auto covered = left.first(header->size).subspan(crc_from);
    if (crc32c(covered) != header->crc) return std::nullopt;
    at_ += header->size;
    return *header;
  }
  std::size_t position() const { return at_; }
  Bytes slice(std::size_t begin, std::size_t end) const {
    return Bytes(memory_, bytes_.subspan(begin, end - begin));
  }

 private:
  std::shared_ptr<std::byte[]> memory_;
  std::span<const std::byte> bytes_;
  std::uint64_t from_;
  const Epochs& epochs_;
  std::size_t at_ = 0;
};

/// A read of one segment, whose indexes are in memory.
struct PlainRead {
  PlainRead(std::shared_ptr<Segment> from_segment, Offset first, Offset behind, std::size_t bytes)
      : segment(std::move(from_segment)), from(first), end(behind), limit(bytes) {}
  std::shared_ptr<Segment> segment;
  Offset from;
  Offset end;
  std::size_t limit;
};

/// What nearly every read is: batches that follow one another without a gap and are sound, read
/// into memory and checked there, so that what was checked is what is sent. Nothing if it is not,
/// or there is no memory to be had.
Task<Result<Bytes>> read_plain(PlainRead wanted, std::size_t slack, ReadMemory& pool,
                               const Epochs& epochs) {
  auto& segment = *wanted.segment;
  const auto* entry = segment.offsets().entry_for(wanted.from - segment.base());
  const std::uint64_t near = entry == nullptr ? 0 : static_cast<std::uint64_t>(entry->position);
  std::optional<Offset> base;
  std::optional<Offset> end;
  if (entry == nullptr) base = segment.base();
  if (entry != nullptr) end = segment.base() + (entry->last_offset + 1ll);
  const auto limit = std::min(wanted.limit, most_at_once);
  const auto size = std::min<std::uint64_t>(limit + slack, segment.written() - near);
  auto memory = pool.take(size);
  if (!memory) co_return Bytes();
  auto file = co_await segment.file();
  if (!file) co_return failure(file.error());
  auto got = co_await (*file)->read(near, std::span<std::byte>(memory.get(), size));
  if (!got) co_return failure(got.error());
  Checked checked(std::move(memory), *got, near, epochs);
  std::optional<std::size_t> first;
  std::size_t stop = 0;
  while (const auto header = checked.next(base, end)) {
    base = header->end;
    end.reset();
    if (header->end <= wanted.from) continue;
    if (header->base >= wanted.end) break;
    const auto begin = first.value_or(checked.position() - header->size);
    if (checked.position() - begin > limit) break;
    first = begin;
    stop = checked.position();
  }
  co_return checked.slice(first.value_or(stop), stop);
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
    auto found = co_await read_file(Wanted(from, bound, limit, only_within_limit));
    // What was found may be there no more.
    if (truncations_ != truncations) continue;
    if (!found) co_return failure(given_up(found.error()));
    co_return found;
  }
}

/// Reads a segment from `near` on, where a batch begins, and checks what it reads, up to where
/// `wanted` or what is sound ends.
Task<Result<PartitionLog::Sound>> PartitionLog::verify(std::shared_ptr<Segment> segment,
                                                       std::uint64_t near, Wanted wanted) {
  auto file = co_await segment->file();
  if (!file) co_return failure(file.error());
  Sound sound(*file, segment->written(), end_of(*segment));
  const auto least = wanted.limit + static_cast<std::size_t>(options_.index_interval_bytes);
  BatchScanner scanner(*file, near, sound.file_end, BatchScanner::Check::contents,
                       std::min(window, std::max(wanted.limit, least)));
  scanner.skip(segment->damage());
  scanner.expect_end(sound.bound);
  if (near == 0) scanner.expect(segment->base());
  if (options_.deletes) scanner.expect_no_gaps();
  const auto* entry = segment->offsets().entry_for(wanted.from - segment->base());
  if (entry != nullptr && near > 0 && static_cast<std::uint64_t>(entry->position) == near) {
    scanner.expect_first_end(segment->base() + (entry->last_offset + 1ll));
  }
  while (true) {
    auto next = co_await scanner.next();
    if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
    if (scanner.skipped() && scanner.skipped()->end > wanted.from &&
        scanner.skipped()->end_position > wanted.from_position) {
      sound.known = scanner.skipped();
      co_return sound;
    }
    // Of an offset that the segment can't hold, not of one behind what is wanted.
    const bool stray = next && *next && (**next).base >= sound.bound;
    sound.bad = !next || stray || (*next && !of_its_epoch(**next));
    if (sound.bad) {
      sound.bad_position = next ? (**next).position : scanner.position();
      sound.bad_from = next ? (**next).base : scanner.reached().value_or(segment->base());
      co_return sound;
    }
    sound.full = *next && (**next).base >= wanted.end;
    if (!*next || sound.full) co_return sound;
    if ((**next).end <= wanted.from || (**next).position < wanted.from_position) continue;
    sound.full = !sound.take(**next, wanted);
    if (sound.full) co_return sound;
  }
}

bool PartitionLog::Sound::take(const BatchHeader& header, const Wanted& wanted) {
  if (begin == end) {
    if (header.size > wanted.limit && wanted.only_within_limit) return false;
    begin = header.position;
  } else if (header.position + header.size - begin > wanted.limit) {
    return false;
  }
  end = header.position + header.size;
  return end - begin < wanted.limit;
}

/// The leader epoch is not under the CRC either. Nothing is known of those before the log's start.
bool PartitionLog::of_its_epoch(const BatchHeader& header) const {
  const auto known = epochs_.at(header.base);
  return header.leader_epoch.value < 0 || known == no_epoch || header.leader_epoch == known;
}

Offset PartitionLog::end_of(const Segment& segment) const {
  if (&segment == writing_to_.get()) return written_end_;
  const auto next =
      std::upper_bound(segments_.begin(), segments_.end(), segment.base(),
                       [](Offset base, const auto& other) { return base < other->base(); });
  return next == segments_.end() ? end_ : (*next)->base();
}

/// What looks damaged is read once more, from the beginning of the segment: the read may have gone
/// wrong, or the index. If it still does, it is noted, and the rest is looked at.
Task<Result<PartitionLog::Sound>> PartitionLog::verify_or_note(std::shared_ptr<Segment> segment,
                                                               std::uint64_t near, Wanted wanted) {
  auto sound = co_await verify(segment, near, wanted);
  const auto truncations = truncations_;
  while (sound && sound->bad && truncations == truncations_) {
    if (sound->begin != sound->end) co_return sound;
    sound = co_await verify(segment, 0, wanted);
    if (!sound || truncations != truncations_) break;
    if (!sound->bad) {
      if (segment == segments_.back() || near == 0) break;
      auto rebuilt = co_await segment->rebuild_indexes(options_);
      if (!rebuilt) co_return failure(rebuilt.error());
      break;
    }
    auto damage = co_await measure_damage(sound->file, sound->bad_position, sound->file_end,
                                          sound->bad_from, sound->bound);
    if (!damage) co_return failure(damage.error());
    if (truncations == truncations_) note_damage(*segment, *damage);
    sound = co_await verify(segment, 0, wanted);
  }
  co_return sound;
}

void PartitionLog::note_damage(Segment& segment, const Damage& damage) {
  segment.note_damage(damage);
  directory_->env().trace.note(
      Level::error, "log.damaged",
      segment.path(log_suffix).string() + " from " + std::to_string(damage.position) + " to " +
          std::to_string(damage.end_position) + " bytes: offsets " +
          std::to_string(damage.from.value) + " to " + std::to_string(damage.end.value));
  directory_->damage_found().raise();
}

std::vector<DamagedRange> PartitionLog::damaged() const {
  std::vector<DamagedRange> ranges;
  for (const auto& segment : segments_) {
    for (const auto& damage : segment->damage()) {
      if (damage.end > start_) ranges.emplace_back(damage.from, damage.end);
    }
  }
  return ranges;
}

Task<Result<Chain>> PartitionLog::read_file(Wanted wanted) {
  auto segment = segment_for(wanted.from);
  const auto slack = 2 * static_cast<std::size_t>(options_.index_interval_bytes);
  while (true) {
    auto loaded = co_await indexed(segment);
    if (!loaded) co_return failure(loaded.error());
    const PlainRead plainly(segment, wanted.from, wanted.end, wanted.limit);
    auto plain = co_await read_plain(plainly, slack, directory_->read_memory(), epochs_);
    if (!plain) co_return failure(plain.error());
    if (!plain->empty()) co_return Chain(std::move(*plain));
    auto near = segment->offsets().position_for(wanted.from - segment->base());
    for (const auto& damage : segment->damage()) {
      if (near > damage.position && near < damage.end_position) near = damage.position;
    }
    auto sound = co_await verify_or_note(segment, near, wanted);
    if (!sound) co_return failure(sound.error());
    if (sound->begin == sound->end && sound->known) {
      co_return failure(IoError::Kind::corrupt,
                        "offsets " + std::to_string(sound->known->from.value) + " to " +
                            std::to_string(sound->known->end.value) + " of " + path_.string() +
                            " are damaged");
    }
    Chain chain;
    chain.append(FileRange(sound->file, sound->begin, sound->end - sound->begin));
    if (!chain.empty() || sound->full) co_return chain;
    // Compaction may have emptied the end of a segment.
    const auto next =
        std::upper_bound(segments_.begin(), segments_.end(), segment->base(),
                         [](Offset base, const auto& other) { return base < other->base(); });
    if (next == segments_.end() || (*next)->base() >= wanted.end) co_return Chain();
    segment = *next;
  }
}

}  // namespace trialog::log
