#include <algorithm>

#include "core/log/directory_state.h"
#include "core/log/names.h"
#include "core/log/partition_log.h"
#include "core/log/turn.h"

namespace trialog::log {

/// When a segment was last written to, by its records' timestamps or else by its file.
Task<std::int64_t> PartitionLog::newest_time(std::shared_ptr<Segment> segment) {
  if (segment->largest_timestamp() >= 0) co_return segment->largest_timestamp();
  auto modified = co_await directory_->env().disk.modified(segment->path(log_suffix));
  co_return modified ? to_ms(*modified) : to_ms(directory_->env().clock.wall_now());
}

Task<Status> PartitionLog::apply_retention(WallTime now, Offset below) {
  producers_.expire(directory_->env().clock.now(),
                    milliseconds(options_.producer_id_expiration_ms));
  const auto turn = co_await take_turn();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  auto from = start_;
  if (options_.deletes) {
    auto kept = co_await retained_from(now, below);
    if (!kept) co_return failure(kept.error());
    from = std::max(from, *kept);
  }
  if (from > start_) co_return co_await raise_start(from);
  co_return co_await drop_segments();
}

/// Where the first segment begins that neither time nor size lets go. Whole segments, oldest first,
/// and none of which anything is not yet committed (SEMANTICS 14.3).
Task<Result<Offset>> PartitionLog::retained_from(WallTime now, Offset below) {
  const auto segments = segments_;
  auto total = static_cast<std::int64_t>(size_in_bytes());
  auto from = start_;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& segment = segments[i];
    const bool last = i + 1 == segments.size();
    const auto end = last ? end_ : segments[i + 1]->base();
    if (end > std::min(committed_end_, below) || segment->size() == 0) break;
    const auto size = static_cast<std::int64_t>(segment->size());
    const auto newest = co_await newest_time(segment);
    const bool old = options_.retention_ms >= 0 && to_ms(now) - newest > options_.retention_ms;
    const bool many = options_.retention_bytes >= 0 && total - size >= options_.retention_bytes;
    if (!old && !many) break;
    if (last && (segments_.back() != segment || end_ != committed_end_)) break;
    total -= size;
    from = end;
    if (last) roll(now);
  }
  if (!queue_.empty()) directory_->committer().wake_for(*this);
  co_return from;
}

Task<Status> PartitionLog::delete_before(Offset start) {
  if (start > end_) {
    co_return failure(IoError::Kind::not_found,
                      "offset " + std::to_string(start.value) + " lies behind " + path_.string());
  }
  const bool kept = co_await committed(start);
  const auto turn = co_await take_turn();
  if (!kept || failed() || start > committed_end_) {
    co_return failure(IoError::Kind::broken, path_.string() + " has been given up or truncated");
  }
  if (start <= durable_start_) co_return Status();
  co_return co_await raise_start(std::max(start, start_));
}

/// Written down before any file goes: whichever of them a crash brings back is then removed again.
Task<Status> PartitionLog::raise_start(Offset start) {
  start_ = start;
  if (epochs_.cut_start(start)) epochs_unwritten_ = true;
  progress_.raise();
  auto noted = co_await directory_->checkpoint_starts();
  if (!noted) co_return noted;
  co_return co_await drop_segments();
}

/// Removes the segments that lie wholly before the start; who still reads them goes on to.
Task<Status> PartitionLog::drop_segments() {
  Segments dropped;
  while (segments_.size() > 1 && segments_[1]->base() <= durable_start_ && segments_[1]->made() &&
         segments_.front() != writing_to_) {
    dropped.push_back(segments_.front());
    segments_.erase(segments_.begin());
  }
  std::vector<Disk::Path> going;
  for (const auto& segment : dropped) {
    if (looked_up_ == segment) looked_up_ = nullptr;
    for (const auto suffix : segment_suffixes) {
      const auto path = segment->path(suffix);
      auto away = path;
      away += deleted_suffix;
      auto renamed = co_await directory_->env().disk.rename(path, away);
      if (!renamed && renamed.error().kind() == IoError::Kind::not_found) continue;
      if (!renamed) {
        directory_->give_up(renamed.error());
        co_return renamed;
      }
      going.push_back(std::move(away));
    }
  }
  if (going.empty()) co_return Status();
  directory_->remove_later(std::move(going), milliseconds(options_.file_delete_delay_ms),
                           Disk::Path());
  co_return Status();
}

}  // namespace trialog::log
