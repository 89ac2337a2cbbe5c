#include "core/log/directory_state.h"

#include <algorithm>

#include "core/log/names.h"

namespace trialog::log {
namespace {

/// Kafka's log.flush.offset.checkpoint.interval.ms.
constexpr auto checkpoint_interval = seconds(60);
/// So long rolls wait for each other, so that many of them cost one checkpoint.
constexpr auto after_rolls = seconds(1);
/// The most that all logs together keep in memory for readers.
constexpr std::int64_t cache_limit = 64ll << 20;
/// The most that is read from files and not yet sent; what is read beyond is sent from the file.
constexpr std::size_t read_limit = 32u << 20;

}  // namespace

DirectoryState::DirectoryState(Env& env, Disk::Path path, DirectoryIdentity identity,
                               LogDirectory::OptionsFor options_for)
    : env_(env),
      path_(std::move(path)),
      identity_(std::move(identity)),
      options_for_(std::move(options_for)),
      random_(env.random.fork("log directory " + path_.string())),
      checkpointed_(env.executor),
      damage_found_(env.executor),
      read_memory_(read_limit),
      committer_(env, *this),
      tasks_(std::make_unique<TaskGroup>(env.executor)) {}

DirectoryState::~DirectoryState() = default;

void DirectoryState::end() {
  ended_ = true;
  wake_waiters();
  checkpointed_.raise();
  tasks_.reset();
  logs_.clear();
  lock_.reset();
}

void DirectoryState::wake_waiters() {
  for (auto& [partition, log] : logs_) log->wake_waiters();
}

void DirectoryState::give_up(const IoError& error) {
  if (failed_) return;
  failed_ = true;
  env_.trace.note(Level::error, "log.directory_failed", path_.string() + ": " + error.what());
  wake_waiters();
  committer_.wake_all();
  checkpointed_.raise();
}

void DirectoryState::cached(std::int64_t count) {
  cached_ += count;
  if (cached_ <= cache_limit) return;
  cached_ = 0;
  for (auto& [partition, log] : logs_) {
    log->recent_.shrink(log->written_end_);
    cached_ += log->recent_.bytes();
  }
}

Task<Result<OffsetCheckpoint>> DirectoryState::read_checkpoint(std::string_view name) {
  auto bytes = co_await read_file(env_.disk, path_ / name);
  if (!bytes) {
    if (bytes.error().kind() == IoError::Kind::not_found) co_return OffsetCheckpoint();
    if (bytes.error().kind() != IoError::Kind::corrupt) co_return failure(bytes.error());
    env_.trace.note(Level::warn, "log.checkpoint_ignored", bytes.error().what());
    co_return OffsetCheckpoint();
  }
  auto offsets = parse_offsets(bytes->text());
  if (offsets) co_return std::move(*offsets);
  // As Kafka: without it, more is looked through than needed, and nothing is lost.
  env_.trace.note(Level::warn, "log.checkpoint_ignored",
                  (path_ / name).string() + ": " + offsets.error());
  co_return OffsetCheckpoint();
}

Task<Status> DirectoryState::write_checkpoint(std::string_view name, OffsetCheckpoint offsets) {
  auto text = Bytes::copy_of(render(offsets));
  auto path = path_ / name;
  auto written = co_await replace_file(env_.disk, std::move(path), std::move(text));
  if (!written) give_up(written.error());
  co_return written;
}

Task<Status> DirectoryState::checkpoint_starts() {
  while (checkpointing_ && !failed()) co_await checkpointed_.wait();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  checkpointing_ = true;
  OffsetCheckpoint offsets;
  for (const auto& [partition, log] : logs_) {
    if (log->start() > Offset(0)) offsets[partition] = log->start();
  }
  auto written = co_await write_checkpoint(starts_name, offsets);
  checkpointing_ = false;
  checkpointed_.raise();
  if (!written) co_return written;
  for (const auto& [partition, start] : offsets) {
    const auto found = logs_.find(partition);
    if (found == logs_.end()) continue;
    found->second->durable_start_ = std::max(found->second->durable_start_, start);
  }
  co_return Status();
}

Task<Status> DirectoryState::checkpoint_recovery_points() {
  while (checkpointing_ && !failed()) co_await checkpointed_.wait();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  checkpointing_ = true;
  OffsetCheckpoint points;
  for (const auto& [partition, log] : logs_) points[partition] = log->recovery_point_;
  auto written = co_await write_checkpoint(recovery_points_name, std::move(points));
  if (written) written = co_await write_watermarks();
  checkpointing_ = false;
  checkpointed_.raise();
  co_return written;
}

Task<Status> DirectoryState::checkpoint_watermarks() {
  while (checkpointing_ && !failed()) co_await checkpointed_.wait();
  if (failed()) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  checkpointing_ = true;
  auto written = co_await write_watermarks();
  checkpointing_ = false;
  checkpointed_.raise();
  co_return written;
}

/// Until it is written, the file may say the old or the new.
Task<Status> DirectoryState::write_watermarks() {
  OffsetCheckpoint watermarks;
  for (const auto& [partition, log] : logs_) {
    const auto watermark = log->watermark_to_note();
    watermarks[partition] = watermark;
    log->noted_high_watermark_ = std::max(log->noted_high_watermark_, watermark);
  }
  auto written = co_await write_checkpoint(high_watermarks_name, watermarks);
  if (!written) co_return written;
  for (const auto& [partition, watermark] : watermarks) {
    const auto found = logs_.find(partition);
    if (found != logs_.end()) found->second->noted_high_watermark_ = watermark;
  }
  co_return Status();
}

Task<void> DirectoryState::checkpoint_watermarks_every(Duration interval) {
  while (!failed_ && !closed_) {
    co_await env_.clock.sleep(interval);
    if (failed_ || closed_) co_return;
    const bool moved = std::any_of(logs_.begin(), logs_.end(), [](const auto& entry) {
      return entry.second->watermark_to_note() != entry.second->noted_high_watermark_;
    });
    if (!moved) continue;
    auto written = co_await checkpoint_watermarks();
    if (!written) co_return;
  }
}

Task<Status> DirectoryState::write_all_checkpoints() {
  auto written = co_await checkpoint_starts();
  if (!written) co_return written;
  co_return co_await checkpoint_recovery_points();
}

Task<void> DirectoryState::checkpoint_now_and_then() {
  while (!failed_ && !closed_) {
    co_await env_.clock.sleep(checkpoint_interval);
    if (failed_ || closed_) co_return;
    auto written = co_await write_all_checkpoints();
    if (!written) co_return;
  }
}

void DirectoryState::scrub(std::size_t bytes_per_second) {
  if (failed()) return;
  tasks_->spawn("log scrubber", scrub_all(bytes_per_second));
}

/// One piece of one log a second; logs without a complete segment are passed over.
Task<void> DirectoryState::scrub_all(std::size_t bytes_per_second) {
  TopicPartition at;
  while (true) {
    co_await env_.clock.sleep(seconds(1));
    for (auto left = logs_.size(); left > 0; --left) {
      if (failed() || closed_) co_return;
      auto next = logs_.lower_bound(at);
      if (next == logs_.end()) next = logs_.begin();
      if (next == logs_.end()) break;
      const auto log = next->second;
      at = log->partition();
      auto around = co_await log->scrub(bytes_per_second);
      if (around && !*around) break;
      const auto following = logs_.upper_bound(at);
      at = following == logs_.end() ? TopicPartition() : following->first;
    }
  }
}

void DirectoryState::checkpoint_soon() {
  if (std::exchange(checkpoint_due_, true) || closed_) return;
  tasks_->spawn("log checkpoint", checkpoint_after_rolls());
}

Task<void> DirectoryState::checkpoint_after_rolls() {
  co_await env_.clock.sleep(after_rolls);
  checkpoint_due_ = false;
  if (failed_ || closed_) co_return;
  (void)co_await checkpoint_recovery_points();
}

void DirectoryState::remove_later(std::vector<Disk::Path> files, Duration delay,
                                  Disk::Path directory) {
  if (!tasks_) return;  // Whoever still holds a log of a directory that has ended.
  tasks_->spawn("log remover", remove_files(std::move(files), delay, std::move(directory)));
}

/// What can't be removed is removed at the next start.
Task<void> DirectoryState::remove_files(std::vector<Disk::Path> files, Duration delay,
                                        Disk::Path directory) {
  co_await env_.clock.sleep(delay);
  for (const auto& file : files) {
    if (failed_) co_return;
    auto removed = co_await env_.disk.remove(file);
    if (!removed && removed.error().kind() != IoError::Kind::not_found) {
      env_.trace.note(Level::warn, "log.not_removed", removed.error().what());
    }
  }
  if (directory.empty() || failed_) co_return;
  auto listed = co_await env_.disk.list(directory);
  if (!listed) co_return;
  for (const auto& entry : *listed) {
    auto gone = co_await env_.disk.remove(directory / entry.name);
    if (!gone) co_return;
  }
  auto removed = co_await env_.disk.remove(directory);
  if (!removed) env_.trace.note(Level::warn, "log.not_removed", removed.error().what());
}

}  // namespace trialog::log
