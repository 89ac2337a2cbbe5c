#include "core/log/committer.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/log/directory_state.h"

namespace trialog::log {

Committer::Committer(Env& env, DirectoryState& directory)
    : env_(env),
      directory_(directory),
      to_write_(env.executor),
      to_sync_(env.executor),
      idle_(env.executor) {}

void Committer::run(TaskGroup& tasks) {
  tasks.spawn("log writer", write_loop());
  tasks.spawn("log syncer", sync_loop());
}

void Committer::wake_for(PartitionLog& log) {
  if (log.ready_) return;
  log.ready_ = true;
  ready_.push_back(&log);
  to_write_.raise();
}

void Committer::sync_for(PartitionLog& log) {
  if (!log.unsynced_) unsynced_.push_back(&log);
  log.unsynced_ = true;
  to_sync_.raise();
}

void Committer::wake_all() {
  to_write_.raise();
  to_sync_.raise();
  idle_.raise();
}

Task<void> Committer::drained() {
  while (!directory_.failed() && (!ready_.empty() || !unsynced_.empty() || writing_ || syncing_)) {
    co_await idle_.wait();
  }
}

Task<void> Committer::release(const std::vector<std::shared_ptr<PartitionLog>>& logs) {
  const auto in_use = [](const auto& log) { return log->in_use(); };
  for (const auto& log : logs) CHECK(log->removed_);
  forget_removed();
  while (std::ranges::any_of(logs, in_use) && !directory_.failed()) co_await idle_.wait();
  forget_removed();
}

void Committer::forget_removed() {
  const auto removed = [](const PartitionLog* log) { return log->removed_; };
  std::erase_if(ready_, removed);
  std::erase_if(unsynced_, removed);
}

std::vector<PartitionLog*> Committer::take_ready() {
  auto taken = std::exchange(ready_, std::vector<PartitionLog*>());
  for (auto* log : taken) {
    log->ready_ = false;
    log->writing_ = true;
  }
  return taken;
}

std::vector<PartitionLog*> Committer::take_unsynced() {
  auto taken = std::exchange(unsynced_, std::vector<PartitionLog*>());
  for (auto* log : taken) {
    log->unsynced_ = false;
    log->syncing_ = true;
  }
  return taken;
}

Task<void> Committer::write_loop() {
  while (!directory_.failed()) {
    const auto logs = take_ready();
    if (logs.empty()) {
      idle_.raise();
      co_await to_write_.wait();
      continue;
    }
    writing_ = true;
    for (auto* log : logs) {
      if (!co_await write(*log)) co_return;
    }
    writing_ = false;
    idle_.raise();
  }
}

Task<bool> Committer::write(PartitionLog& log) {
  auto written = co_await log.write_queue();
  if (!written) {
    directory_.give_up(written.error());
    co_return false;
  }
  log.writing_ = false;
  const bool counts =
      log.options_.durability == Durability::page_cache || env_.bugs.has(Bug::count_before_sync);
  if (counts) log.count(log.written_end_);
  if (log.options_.durability == Durability::fsync) sync_for(log);
  co_return true;
}

Task<void> Committer::sync_loop() {
  while (!directory_.failed()) {
    const auto logs = take_unsynced();
    if (logs.empty()) {
      idle_.raise();
      co_await to_sync_.wait();
      continue;
    }
    syncing_ = true;
    std::vector<Offset> ends;
    for (const auto* log : logs) ends.push_back(log->written_end_);
    auto synced = co_await sync(logs);
    if (!synced) {
      directory_.give_up(synced.error());
      co_return;
    }
    for (std::size_t i = 0; i < logs.size(); ++i) {
      logs[i]->syncing_ = false;
      logs[i]->count(ends[i]);
    }
    syncing_ = false;
    idle_.raise();
  }
}

Task<Status> Committer::sync(const std::vector<PartitionLog*>& logs) {
  std::size_t count = 0;
  for (const auto* log : logs) count += log->names_unsynced_ ? 2 : 1;
  if (count >= sync_all_from) {
    for (auto* log : logs) log->names_unsynced_ = false;
    co_return co_await directory_.env().disk.sync_all(directory_.path());
  }
  for (auto* log : logs) {
    auto synced = co_await sync_alone(*log);
    if (!synced) co_return synced;
  }
  co_return Status();
}

/// If a segment begins meanwhile, the one before has been synced for that.
Task<Status> Committer::sync_alone(PartitionLog& log) {
  if (log.names_unsynced_) {
    log.names_unsynced_ = false;
    auto named = co_await directory_.env().disk.sync_names(log.path_);
    if (!named) co_return named;
  }
  const auto segment = log.writing_to_;
  co_return co_await segment->sync(false);
}

}  // namespace trialog::log
