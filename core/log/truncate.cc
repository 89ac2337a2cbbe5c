#include <algorithm>
#include <array>
#include <map>

#include "core/base/check.h"
#include "core/log/batch_scanner.h"
#include "core/log/names.h"
#include "core/log/partition_log.h"
#include "core/log/recovery.h"
#include "core/log/turn.h"

namespace trialog::log {
namespace {

Task<void> run_apart(std::shared_ptr<PartitionLog> log, Task<Status> change,
                     std::shared_ptr<std::optional<Status>> outcome) {
  auto done = co_await change;
  outcome->emplace(std::move(done));
  log->progress().raise();
}

}  // namespace

/// Where a truncation cuts: at a batch of the segment that `end` lies in.
struct PartitionLog::Cut {
  Offset end;
  std::uint64_t position = 0;
};

Task<PartitionLog::Turn> PartitionLog::take_turn() {
  while (reshaping_ && !failed()) co_await directory_->committer().idle();
  co_return Turn(*this);
}

Task<Status> PartitionLog::truncate_to(Offset end) { return do_apart(or_give_up(truncate(end))); }

Task<Status> PartitionLog::truncate_fully_and_start_at(Offset start) {
  return do_apart(or_give_up(begin_anew(start)));
}

/// A change that has begun must end, whatever becomes of the task that asked for it: half of it
/// in memory and half on disk would be no log.
Task<Status> PartitionLog::do_apart(Task<Status> change) {
  const auto self = shared_from_this();
  auto outcome = std::make_shared<std::optional<Status>>();
  if (!failed()) {
    directory_->tasks().spawn("log change", run_apart(self, std::move(change), outcome));
  }
  while (!*outcome && !failed()) co_await progress_.wait();
  if (!*outcome) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  co_return **outcome;
}

Task<Status> PartitionLog::or_give_up(Task<Status> change) {
  auto done = co_await change;
  if (!done) (void)given_up(done.error());
  co_return done;
}

/// What was appended is written and synced, also what is to go: then no loop holds any of it.
Task<Status> PartitionLog::at_rest() {
  truncating_ = true;
  while (!failed() && (ready_ || unsynced_ || busy())) co_await directory_->committer().idle();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  co_return Status();
}

Task<Status> PartitionLog::truncate(Offset end) {
  const auto turn = co_await take_turn();
  auto done = co_await at_rest();
  if (!done) co_return done;
  if (end < start_) co_return co_await empty_at(end);
  if (end >= end_) {
    if (!epochs_.cut_end(end)) co_return Status();
    epochs_unwritten_ = true;
    co_return co_await write_epochs();
  }
  const auto cut = co_await find_cut(end);
  if (!cut) co_return failure(cut.error());
  done = co_await lower_checkpoints(cut->end);
  if (!done) co_return done;
  forget_from(cut->end);
  done = co_await remove_files_from(cut->end);
  if (!done) co_return done;
  done = co_await cut_last_segment(cut->end, cut->position);
  if (!done) co_return done;
  co_return co_await begin_after_cut();
}

Task<Status> PartitionLog::begin_anew(Offset start) {
  const auto turn = co_await take_turn();
  auto done = co_await at_rest();
  if (!done) co_return done;
  co_return co_await empty_at(start);
}

/// If the start rises, that is written down first, and a crash lets what lies before it go. If it
/// falls, it is written down when there is nothing left that it could be wrong for.
Task<Status> PartitionLog::empty_at(Offset start) {
  const bool rises = start > start_;
  auto done = co_await lower_checkpoints(std::min(start, start_));
  if (!done) co_return done;
  forget_from(Offset(-1));
  start_ = end_ = written_end_ = committed_end_ = high_watermark_ = start;
  durable_start_ = std::min(durable_start_, start);
  if (rises) done = co_await directory_->checkpoint_starts();
  if (!done) co_return done;
  done = co_await remove_files_from(Offset(-1));
  if (!done) co_return done;
  if (!rises) done = co_await directory_->checkpoint_starts();
  if (!done) co_return done;
  co_return co_await begin_after_cut();
}

/// The batch that holds `end`, or the first behind it. Damage in front of it ends the log earlier:
/// what lies behind that could not be found again.
Task<Result<PartitionLog::Cut>> PartitionLog::find_cut(Offset end) {
  const auto segment = segment_for(end);
  Cut cut(end, 0);
  if (segment->base() >= end) co_return cut;
  auto loaded = co_await indexed(segment);
  if (!loaded) co_return failure(loaded.error());
  auto file = co_await segment->file();
  if (!file) co_return failure(file.error());
  auto near = segment->offsets().position_for(end - segment->base());
  auto reached = segment->base();
  while (true) {
    BatchScanner scanner(*file, near, segment->written(), BatchScanner::Check::headers);
    scanner.skip(segment->damage());
    while (true) {
      auto next = co_await scanner.next();
      if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
      if (const auto& damage = scanner.skipped(); damage && damage->end > end) {
        co_return Cut(std::min(end, damage->from), damage->position);
      }
      cut.position = scanner.position();
      if (!next && near > 0 && cut.position == near) break;
      if (next && *next && (**next).end <= end) {
        reached = (**next).end;
        continue;
      }
      if (!next) cut.end = reached;
      if (next && *next) cut = Cut(std::min(end, (**next).base), (**next).position);
      // A segment without a batch goes as a whole.
      if (cut.position == 0) cut.end = segment->base();
      co_return cut;
    }
    near = 0;  // The indexed batch is damaged: where the one before it ends only the rest tells.
  }
}

/// Before anything changes: a checkpoint that spoke of more would be believed when the log has
/// grown beyond it again, with other records.
Task<Status> PartitionLog::lower_checkpoints(Offset end) {
  const bool too_high = recovery_point_ > end || noted_high_watermark_ > end;
  recovery_point_ = std::min(recovery_point_, end);
  high_watermark_ = std::min(high_watermark_, end);
  if (!too_high) co_return Status();
  co_return co_await directory_->checkpoint_recovery_points();
}

void PartitionLog::forget_from(Offset end) {
  ++truncations_;
  // Of a batch that holds the start nothing can be read any more.
  end_ = written_end_ = committed_end_ = std::max(end, start_);
  if (epochs_.cut_end(end)) epochs_unwritten_ = true;
  const auto cached = recent_.bytes();
  recent_.cut(end);
  directory_->cached(recent_.bytes() - cached);
  while (!segments_.empty() && segments_.back()->base() >= end) segments_.pop_back();
  looked_up_ = nullptr;
  wake_waiters();
}

/// In steps, so that whatever a crash leaves is the log up to somewhere: later segments without the
/// first would pass for all of it. Snapshots go when no batch is left that they tell of.
Task<Status> PartitionLog::remove_files_from(Offset end) {
  auto& disk = directory_->env().disk;
  auto listed = co_await disk.list(path_);
  if (!listed) co_return failure(listed.error());
  std::map<Offset, std::vector<std::string>> segments;
  std::vector<std::string> snapshots;
  for (const auto& entry : *listed) {
    for (const auto suffix : segment_suffixes) {
      const auto offset = offset_in_name(entry.name, suffix);
      if (!offset || *offset < end) continue;
      if (suffix != snapshot_suffix) segments[*offset].push_back(entry.name);
      if (suffix == snapshot_suffix && *offset > end) snapshots.push_back(entry.name);
    }
  }
  std::array<std::vector<std::string>, 3> steps;
  for (const auto& [offset, names] : segments) {
    auto& step = offset == segments.begin()->first ? steps[1] : steps[0];
    step.insert(step.end(), names.begin(), names.end());
  }
  steps[2] = std::move(snapshots);
  for (const auto& step : steps) {
    for (const auto& name : step) {
      auto removed = co_await disk.remove(path_ / name);
      if (!removed) co_return removed;
    }
    if (step.empty()) continue;
    auto synced = co_await disk.sync_names(path_);
    if (!synced) co_return synced;
  }
  co_return Status();
}

/// Nothing is added to the file again, so that who still sends from it never sends other bytes than
/// were there; nor to the `Segment`, which readers may hold.
Task<Status> PartitionLog::cut_last_segment(Offset end, std::uint64_t position) {
  if (segments_.empty()) co_return Status();
  const auto old = segments_.back();
  if (position == 0 || (position == old->written() && old != writing_to_)) co_return Status();
  auto loaded = co_await old->indexed_now(options_);
  if (!loaded) co_return loaded;
  auto file = co_await old->file();
  if (!file) co_return failure(file.error());
  auto segment = old->cut(*file, position);
  const auto& entries = segment->offsets().entries();
  const std::uint64_t near = entries.empty() ? 0 : entries.back().position;
  BatchScanner scanner(*file, near, position, BatchScanner::Check::headers);
  scanner.skip(segment->damage());
  while (true) {
    auto next = co_await scanner.next();
    if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
    if (!next || !*next) break;
    segment->adopt_batch(**next);
  }
  segment->adopt(*file, position, end);
  segments_.back() = segment;
  auto done = co_await (*file)->truncate(position);
  if (!done) co_return done;
  done = co_await (*file)->sync();
  if (!done) co_return done;
  segment->finish();
  done = co_await segment->replace_indexes();
  if (!done) co_return done;
  looked_up_ = segment;
  co_return co_await cut_aborted_index(directory_->env().disk, segment->path(aborted_index_suffix),
                                       end);
}

Task<Status> PartitionLog::begin_after_cut() {
  Recovery recovery(*directory_, *this, Recovery::Marks());
  auto done = co_await recovery.reload_producers();
  if (!done) co_return done;
  done = co_await write_epochs();
  if (!done) co_return done;
  auto& env = directory_->env();
  auto segment = std::make_shared<Segment>(env.disk, path_, end_, env.clock.wall_now());
  std::shared_ptr<File> snapshot;
  done = co_await write_snapshot(producers_.snapshot(), end_, snapshot);
  if (!done) co_return done;
  done = co_await snapshot->sync();
  if (!done) co_return done;
  done = co_await segment->make();
  if (!done) co_return done;
  done = co_await env.disk.sync_names(path_);
  if (!done) co_return done;
  segments_.push_back(segment);
  writing_to_ = segment;
  names_unsynced_ = false;
  recovery_point_ = end_;
  directory_->checkpoint_soon();
  co_return Status();
}

}  // namespace trialog::log
