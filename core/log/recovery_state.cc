#include "core/log/batch_scanner.h"
#include "core/log/names.h"
#include "core/log/recovery.h"

namespace trialog::log {

/// Those of the batches that are looked through anyway come from the batches.
Task<Status> Recovery::load_epochs() {
  bool known = false;
  const auto path = log_.path_ / epochs_name;
  if (names_.contains(std::string(epochs_name))) {
    auto bytes = co_await read_file(env_.disk, path);
    if (!bytes && bytes.error().kind() != IoError::Kind::corrupt) co_return failure(bytes.error());
    auto epochs = bytes ? Epochs::parse(bytes->text())
                        : std::expected<Epochs, std::string>(
                              std::unexpected<std::string>(bytes.error().what()));
    known = epochs.has_value();
    if (known) {
      log_.epochs_ = std::move(*epochs);
    } else {
      env_.trace.note(Level::warn, "log.epochs_rebuilt",
                      path.string() + " is damaged and built again: " + epochs.error());
    }
  }
  if (!known) {
    log_.epochs_unwritten_ = true;
    co_return co_await epochs_from_batches(first_replayed_);
  }
  if (first_replayed_ < found_.size()) log_.epochs_.cut_end(found_[first_replayed_].base);
  co_return Status();
}

Task<Status> Recovery::epochs_from_batches(std::size_t segments) {
  for (std::size_t i = 0; i < segments; ++i) {
    Segment segment(env_.disk, log_.path_, found_[i].base, env_.clock.wall_now());
    auto opened = co_await segment.file();
    if (!opened) co_return failure(opened.error());
    BatchScanner scanner(*opened, 0, found_[i].size, BatchScanner::Check::headers);
    while (true) {
      auto next = co_await scanner.next();
      if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
      if (!next || !*next) break;
      log_.epochs_.begin((**next).leader_epoch, (**next).base);
    }
  }
  co_return Status();
}

Task<Status> Recovery::reload_producers() {
  auto listed = co_await env_.disk.list(log_.path_);
  if (!listed) co_return failure(listed.error());
  for (const auto& entry : *listed) {
    names_.insert(entry.name);
    const auto offset = offset_in_name(entry.name, snapshot_suffix);
    if (offset) snapshots_.insert(*offset);
  }
  log_.producers_.clear();
  co_return co_await load_producers();
}

/// A snapshot of before the first segment would tell of producers as they were once: better no
/// memory of them than a wrong one, which would refuse what they send next.
Task<Status> Recovery::load_producers() {
  Offset loaded(-1);
  while (!snapshots_.empty()) {
    const auto offset = *snapshots_.rbegin();
    snapshots_.erase(offset);
    const bool early = !log_.segments_.empty() && offset < log_.segments_.front()->base();
    std::string problem =
        early ? "the batches behind it are gone" : "it lies behind the end of the log";
    if (!early && offset <= log_.end_) {
      auto bytes =
          co_await read_file(env_.disk, log_.path_ / segment_name(offset, snapshot_suffix));
      if (!bytes && bytes.error().kind() != IoError::Kind::corrupt) {
        co_return failure(bytes.error());
      }
      auto read = bytes ? log_.producers_.load(bytes->view(), env_.clock.now())
                        : std::expected<void, std::string>(
                              std::unexpected<std::string>(bytes.error().what()));
      if (read) {
        loaded = offset;
        break;
      }
      problem = read.error();
      log_.producers_.clear();
    }
    env_.trace.note(Level::warn, "log.snapshot_ignored",
                    (log_.path_ / segment_name(offset, snapshot_suffix)).string() + ": " + problem);
    auto removed = co_await remove(segment_name(offset, snapshot_suffix));
    if (!removed) co_return removed;
  }
  // Of the older ones only those where a segment begins may be needed again.
  std::set<Offset> bases;
  for (const auto& segment : log_.segments_) bases.insert(segment->base());
  for (const auto offset : snapshots_) {
    if (bases.contains(offset)) continue;
    auto removed = co_await remove(segment_name(offset, snapshot_suffix));
    if (!removed) co_return removed;
  }
  co_return co_await replay_producers(loaded);
}

/// Where a segment begins and the snapshot is missing, it is written: the segments before it may be
/// deleted.
Task<Status> Recovery::replay_producers(Offset from) {
  for (std::size_t i = 0; i < log_.segments_.size(); ++i) {
    auto& segment = *log_.segments_[i];
    if (segment.end() <= from) continue;
    if (i > 0 && segment.base() > from) {
      changed_ = true;
      std::shared_ptr<File> file;
      auto noted = co_await log_.write_snapshot(log_.producers_.snapshot(), segment.base(), file);
      if (!noted) co_return noted;
    }
    auto opened = co_await segment.file();
    if (!opened) co_return failure(opened.error());
    BatchScanner scanner(*opened, 0, segment.written(), BatchScanner::Check::headers);
    scanner.skip(segment.damage());
    while (true) {
      auto next = co_await scanner.next();
      if (!next && next.error().kind() != IoError::Kind::corrupt) co_return failure(next.error());
      if (!next || !*next) break;
      if ((**next).base >= from) log_.producers_.note(**next, env_.clock.now());
    }
  }
  co_return Status();
}

}  // namespace trialog::log
