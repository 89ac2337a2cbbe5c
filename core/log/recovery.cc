#include "core/log/recovery.h"

#include <algorithm>

#include "core/log/aborted_index.h"
#include "core/log/batch_scanner.h"
#include "core/log/names.h"

namespace trialog::log {

Task<Status> cut_aborted_index(Disk& disk, Disk::Path path, Offset end) {
  auto bytes = co_await read_file(disk, path);
  if (!bytes && bytes.error().kind() == IoError::Kind::not_found) co_return Status();
  if (!bytes) co_return failure(bytes.error());
  auto index = AbortedIndex::parse(bytes->view());
  if (index && !index->cut(end)) co_return Status();
  auto rest = index ? index->encode() : Bytes();
  co_return co_await replace_file(disk, std::move(path), std::move(rest));
}

Recovery::Recovery(DirectoryState& directory, PartitionLog& log, Marks marks)
    : env_(directory.env()), directory_(directory), log_(log), marks_(marks) {}

Task<Status> Recovery::run() {
  auto done = co_await sort_out_files();
  if (!done) co_return done;
  done = co_await read_metadata();
  if (!done || abandoned_) co_return done;
  done = co_await drop_before_start();
  if (!done) co_return done;
  done = co_await load_epochs();
  if (!done) co_return done;
  done = co_await load_segments();
  if (!done) co_return done;

  const auto end = log_.active().end();
  log_.start_ = std::max(marks_.start, log_.segments_.front()->base());
  log_.durable_start_ = marks_.start;
  log_.end_ = log_.written_end_ = log_.committed_end_ = end;
  log_.recovery_point_ = log_.active().base();
  log_.writing_to_ = log_.segments_.back();
  if (log_.epochs_.cut_end(end)) log_.epochs_unwritten_ = true;
  if (log_.epochs_.cut_start(log_.start_)) log_.epochs_unwritten_ = true;
  done = co_await load_producers();
  if (!done) co_return done;
  if (changed_) done = co_await log_.write_epochs();
  co_return done;
}

/// Older segments are taken as they are if the stop was clean or they lie before the recovery
/// point; nothing of them but a few bytes is read.
Task<Status> Recovery::load_segments() {
  if (found_.empty()) co_return co_await begin_again(marks_.start);
  const auto count = found_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    const auto next_base = last ? Offset(INT64_MAX) : found_[i + 1].base;
    auto segment =
        std::make_shared<Segment>(env_.disk, log_.path_, found_[i].base, env_.clock.wall_now());
    log_.segments_.push_back(segment);
    segment->adopt(nullptr, found_[i].size, last ? segment->base() : next_base);
    if (i < first_replayed_) {
      auto trusted = co_await trust(*segment, last, next_base);
      if (!trusted) co_return trusted;
      continue;
    }
    bool cut = false;
    auto looked = co_await look_through(*segment, next_base, cut);
    if (!looked) co_return looked;
    if (last) break;
    if (!cut && segment->end() < next_base && was_durable(segment->end())) {
      const auto size = segment->size();
      const Damage missing(segment->end(), next_base, size, size);
      segment->add_damaged(missing);
      log_.note_damage(*segment, missing);
    }
    // A batch that is missing at the end of a segment makes a hole: what is behind can't be kept.
    if (cut || segment->end() != next_base) {
      auto removed = co_await remove_from(i + 1);
      if (!removed) co_return removed;
      break;
    }
    segment->finish();
    auto indexed = co_await segment->write_indexes();
    if (!indexed) co_return indexed;
    segment->forget_indexes();
  }
  if (log_.active().end() < marks_.start) co_return co_await begin_again(marks_.start);
  co_return Status();
}

Task<Status> Recovery::trust(Segment& segment, bool last, Offset next_base) {
  if (!last) {
    auto loaded = co_await segment.load_largest(log_.options_);
    if (loaded) {
      segment.forget_indexes();
      co_return loaded;
    }
    if (loaded.error().kind() != IoError::Kind::corrupt) co_return loaded;
    std::string problem = segment.path(log_suffix).string() + ": " + loaded.error().what() +
                          ", although it lies before the recovery point and behind it is " +
                          segment_name(next_base, log_suffix);
    co_return failure(IoError::Kind::corrupt, std::move(problem));
  }
  bool whole = false;
  auto done = co_await trust_tail(segment, whole);
  if (!done || whole) co_return done;
  // The mark of a clean stop was wrong: look at every batch.
  bool cut = false;
  co_return co_await look_through(segment, next_base, cut);
}

/// From the last batch that the index names to the end of the file.
Task<Status> Recovery::trust_tail(Segment& segment, bool& whole) {
  auto opened = co_await segment.file();
  if (!opened) co_return failure(opened.error());
  auto loaded = co_await segment.load_indexes(log_.options_);
  if (!loaded) {
    if (loaded.error().kind() == IoError::Kind::corrupt) co_return Status();
    co_return loaded;
  }
  const auto size = segment.size();
  BatchScanner first(*opened, 0, size, BatchScanner::Check::headers);
  auto begins = co_await first.next();
  if (!begins) co_return Status();
  if (*begins) segment.set_first_timestamp((**begins).max_timestamp);
  const auto& entries = segment.offsets().entries();
  const std::uint64_t from = entries.empty() ? 0 : entries.back().position;
  BatchScanner tail(*opened, from, size, BatchScanner::Check::headers);
  tail.expect(segment.base());
  while (true) {
    auto next = co_await tail.next();
    if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
    if (!next) co_return Status();
    if (!*next) break;
    segment.adopt_batch(**next);
  }
  whole = true;
  co_return Status();
}

Task<Status> Recovery::look_through(Segment& segment, Offset next_base, bool& cut) {
  changed_ = true;
  auto opened = co_await segment.file();
  if (!opened) co_return failure(opened.error());
  auto size = (*opened)->size();
  if (env_.bugs.has(Bug::trust_index_after_crash)) {
    auto believed = co_await end_by_index(segment, size);
    if (!believed) co_return failure(believed.error());
    size = *believed;
  }
  segment.reset();
  BatchScanner scanner(*opened, 0, size, BatchScanner::Check::contents);
  scanner.expect(segment.base());
  scanner.expect_end(std::min(next_base, segment.base() + INT32_MAX));
  scanner.expect_full(marks_.high_watermark);
  std::string why = "what follows is not in the index";
  while (true) {
    auto next = co_await scanner.next();
    if (scanner.skipped()) segment.add_damaged(*scanner.skipped());
    if (!next) {
      if (next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
      why = next.error().what();
      auto damage = co_await damage_at(*opened, size, segment, scanner.position(), next_base);
      if (!damage) co_return failure(damage.error());
      if (!*damage) break;
      log_.note_damage(segment, **damage);
      scanner.skip(segment.damage());
      continue;
    }
    if (!*next) break;
    segment.add(**next, log_.options_);
    if (log_.epochs_.begin((**next).leader_epoch, (**next).base)) log_.epochs_unwritten_ = true;
  }
  segment.adopt(*opened, scanner.position(), segment.end());
  // What is read may never have reached the disk: a sync before the crash may have failed.
  auto rewritten = co_await (*opened)->rewrite(0, scanner.position());
  if (!rewritten) co_return rewritten;
  cut = scanner.position() < (*opened)->size();
  if (!cut) co_return Status();
  co_return co_await cut_at(**opened, scanner.position(), segment, why);
}

/// Damage to something that must be there, since it was durable and something sound follows; else
/// nothing: then the crash has torn what was being written.
Task<Result<std::optional<Damage>>> Recovery::damage_at(std::shared_ptr<File> file,
                                                        std::uint64_t size, const Segment& segment,
                                                        std::uint64_t position, Offset next_base) {
  if (!was_durable(segment.end())) co_return std::nullopt;
  const bool last = next_base.value == INT64_MAX;
  auto damage = co_await measure_damage(std::move(file), position, size, segment.end(), next_base);
  if (!damage) co_return failure(damage.error());
  const bool to_the_end = damage->end_position == size || !was_durable(damage->end + -1);
  if (last && to_the_end) co_return std::nullopt;
  co_return *damage;
}

/// Whether a record at `offset` had been synced before the crash.
bool Recovery::was_durable(Offset offset) const {
  if (offset < marks_.recovery_point) return true;
  return log_.options_.durability == Durability::fsync && offset < marks_.high_watermark;
}

Task<Status> Recovery::cut_at(File& file, std::uint64_t position, const Segment& segment,
                              const std::string& why) {
  const auto detail = segment.path(log_suffix).string() + " from " + std::to_string(file.size()) +
                      " to " + std::to_string(position) + " bytes, the log ends at " +
                      std::to_string(segment.end().value) + ": " + why;
  env_.trace.note(Level::warn, "log.truncated", detail);
  auto cut = co_await file.truncate(position);
  if (!cut) co_return cut;
  auto synced = co_await file.sync();
  if (!synced) co_return synced;
  co_return co_await cut_aborted_index(env_.disk, segment.path(aborted_index_suffix),
                                       segment.end());
}

/// Behind the last batch that the index names.
Task<Result<std::uint64_t>> Recovery::end_by_index(Segment& segment, std::uint64_t size) {
  auto bytes = co_await read_file(env_.disk, segment.path(offset_index_suffix));
  if (!bytes) co_return 0;
  bool sound = false;
  const auto index = OffsetIndex::decode(bytes->view(), sound);
  const std::uint64_t last = index.size() == 0 ? 0 : index.entries().back().position;
  co_return std::min(last, size);
}

Task<Status> Recovery::remove_from(std::size_t index) {
  for (auto i = found_.size(); i-- > index;) {
    env_.trace.note(Level::warn, "log.truncated",
                    (log_.path_ / segment_name(found_[i].base, log_suffix)).string() +
                        " is removed: it lies behind the end of the log");
    auto removed = co_await remove_segment(found_[i].base);
    if (!removed) co_return removed;
  }
  found_.resize(index);
  co_return Status();
}

/// An empty log at `start`.
Task<Status> Recovery::begin_again(Offset start) {
  changed_ = true;
  auto removed = co_await remove_from(0);
  if (!removed) co_return removed;
  log_.segments_.clear();
  log_.segments_.push_back(
      std::make_shared<Segment>(env_.disk, log_.path_, start, env_.clock.wall_now()));
  co_return co_await log_.active().make();
}

}  // namespace trialog::log
