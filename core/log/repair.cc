#include <algorithm>

#include "core/log/batch_scanner.h"
#include "core/log/names.h"
#include "core/log/partition_log.h"
#include "core/log/turn.h"

namespace trialog::log {
namespace {

/// Whether the batches are what a damaged range held: they follow one another, and either fill it
/// byte for byte, or offset for offset where bytes are missing.
bool fits(const std::vector<records::Batch>& batches, const Damage& damage) {
  std::uint64_t size = 0;
  auto reached = damage.from;
  bool gapless = true;
  for (const auto& batch : batches) {
    if (batch.base() < reached) return false;
    gapless = gapless && batch.base() == reached;
    reached = batch.end();
    size += batch.size();
  }
  if (reached > damage.end) return false;
  return size == damage.end_position - damage.position || (gapless && reached == damage.end);
}

}  // namespace

Task<Status> PartitionLog::repair(std::vector<records::Batch> batches) {
  return do_apart(do_repair(std::move(batches)));
}

Task<Status> PartitionLog::do_repair(std::vector<records::Batch> batches) {
  const auto turn = co_await take_turn();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  const auto nothing =
      failure(IoError::Kind::not_found, "no damage in " + path_.string() + " is mended by that");
  if (batches.empty()) co_return nothing;
  const auto segment = segment_for(batches.front().base());
  const auto& known = segment->damage();
  const auto damage = std::find_if(known.begin(), known.end(),
                                   [&batches](const Damage& one) { return fits(batches, one); });
  if (damage == known.end()) co_return nothing;
  co_return co_await or_give_up(mend(segment, *damage, std::move(batches)));
}

/// The segment's file is written anew beside it and takes its place: the damaged sectors are not
/// used again, and a crash leaves the one or the other.
Task<Status> PartitionLog::mend(std::shared_ptr<Segment> segment, Damage damage,
                                std::vector<records::Batch> batches) {
  auto done = co_await settled(segment);
  if (!done) co_return done;
  Chain bytes;
  for (const auto& batch : batches) bytes.append(batch.bytes());
  auto fresh = co_await write_repaired(segment, damage, std::move(bytes));
  if (!fresh) co_return failure(fresh.error());
  const auto at = std::find(segments_.begin(), segments_.end(), segment);
  if (at != segments_.end()) *at = *fresh;
  if (looked_up_) looked_up_->forget_indexes();
  looked_up_ = *fresh;
  for (const auto& batch : batches) {
    if (epochs_.restore(batch.leader_epoch(), batch.base())) epochs_unwritten_ = true;
  }
  directory_->env().trace.note(Level::warn, "log.repaired",
                               path_.string() + ": offsets " + std::to_string(damage.from.value) +
                                   " to " + std::to_string(damage.end.value));
  progress_.raise();
  co_return co_await write_epochs();
}

/// Nothing is added to the segment any more.
Task<Status> PartitionLog::settled(std::shared_ptr<Segment> segment) {
  if (segment == segments_.back()) {
    roll(directory_->env().clock.wall_now());
    directory_->committer().wake_for(*this);
  }
  while (!failed() && (segment == writing_to_ || settling_)) {
    co_await directory_->committer().idle();
  }
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  co_return Status();
}

Task<Result<std::shared_ptr<Segment>>> PartitionLog::write_repaired(
    std::shared_ptr<Segment> segment, Damage damage, Chain batches) {
  auto& disk = directory_->env().disk;
  auto old = co_await segment->file();
  if (!old) co_return failure(old.error());
  const auto path = segment->path(log_suffix);
  auto beside = path;
  beside += cleaned_suffix;
  auto removed = co_await disk.remove(beside);
  if (!removed && removed.error().kind() != IoError::Kind::not_found) {
    co_return failure(removed.error());
  }
  auto file = co_await disk.open(beside, Disk::Open::fresh);
  if (!file) co_return failure(file.error());
  const auto change = static_cast<std::int64_t>(batches.size()) -
                      static_cast<std::int64_t>(damage.end_position - damage.position);
  Chain whole;
  whole.append(FileRange(*old, 0, damage.position));
  whole.append(std::move(batches));
  whole.append(FileRange(*old, damage.end_position, segment->written() - damage.end_position));
  auto done = co_await (*file)->append(std::move(whole));
  if (done) done = co_await (*file)->sync();
  if (!done) co_return failure(done.error());
  auto fresh = co_await segment->repaired(*file, damage, change, end_of(*segment), options_);
  if (!fresh) {
    (void)co_await disk.remove(beside);
    co_return failure(fresh.error());
  }
  // Indexes with other positions must not be believed; without any they are built again.
  if (change != 0) done = co_await segment->remove_indexes();
  if (done) done = co_await disk.rename(beside, path);
  if (done) done = co_await disk.sync_names(path_);
  if (done) done = co_await (*fresh)->replace_indexes();
  if (!done) co_return failure(done.error());
  co_return *fresh;
}

Task<Result<bool>> PartitionLog::scrub(std::size_t bytes) {
  const auto at = std::find_if(segments_.begin(), segments_.end(), [this](const auto& segment) {
    return segment->base() >= scrubbed_segment_;
  });
  if (at == segments_.end() || *at == segments_.back() || *at == writing_to_) {
    scrubbed_segment_ = Offset(0);
    scrubbed_ = 0;
    co_return true;
  }
  const auto segment = *at;
  if (segment->base() != std::exchange(scrubbed_segment_, segment->base())) scrubbed_ = 0;
  const auto truncations = truncations_;
  Wanted wanted(Offset(-1), Offset(INT64_MAX), bytes, false);
  wanted.from_position = scrubbed_;
  auto sound = co_await verify_or_note(segment, scrubbed_, wanted);
  if (truncations != truncations_) co_return false;
  if (!sound) co_return failure(given_up(sound.error()));
  if (sound->begin != sound->end) {
    scrubbed_ = sound->end;
  } else if (sound->known) {
    scrubbed_ = sound->known->end_position;
  }
  const bool ended = !sound->full && !sound->bad && (!sound->known || scrubbed_ >= sound->file_end);
  if (ended) scrubbed_segment_ = segment->base() + 1;
  co_return false;
}

}  // namespace trialog::log
