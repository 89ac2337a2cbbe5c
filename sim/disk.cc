#include "sim/disk.h"

#include <algorithm>

#include "sim/file.h"
#include "sim/sleep.h"

namespace trialog::sim {
namespace {

std::unexpected<IoError> io_error(const Disk::Path& path) {
  return failure(IoError::Kind::broken, path.string() + ": input/output error");
}

class SimLock : public DirectoryLock {
 public:
  SimLock(Volume& volume, InodePtr file) : volume_(volume), file_(std::move(file)) {}
  ~SimLock() override { volume_.unlock(file_->id); }

 private:
  Volume& volume_;
  InodePtr file_;
};

}  // namespace

Task<void> SimDisk::wait_until(Moment until) {
  do {
    until = std::max(until, volume_.stalled_until);
    if (until <= world_.now()) co_return;
    co_await Sleep(world_, executor_, executor_.node(), "disk", until);
  } while (volume_.stalled_until > world_.now());
}

Task<void> SimDisk::busy(std::size_t bytes) {
  const auto& speed = volume_.speed;
  Duration cost{0};
  if (volume_.random().chance(speed.slow_per_million)) {
    const auto bound = static_cast<std::uint64_t>(speed.slowest_call.count()) + 1;
    cost += Duration(static_cast<std::int64_t>(volume_.random().below(bound)));
  }
  if (speed.bytes_per_second > 0) {
    cost += Duration(static_cast<std::int64_t>(bytes * 1'000'000'000u / speed.bytes_per_second));
  }
  return wait_until(world_.now() + cost);
}

Task<void> SimDisk::busy_syncing() {
  const auto low = volume_.speed.fastest_sync.count();
  const auto high = volume_.speed.slowest_sync.count();
  return wait_until(world_.now() + Duration(volume_.random().between(low, high)));
}

bool SimDisk::strikes(DiskFault fault, const std::string& path) {
  if (!volume_.faults.strikes(fault, path, volume_.random())) return false;
  const auto name = about(fault).name;
  record("fault.disk", digest(name), std::string(name) + " " + path);
  return true;
}

void SimDisk::record(Kind kind, std::uint64_t digest, std::string_view detail) {
  world_.record(executor_.node(), kind, digest, detail);
}

Task<Result<std::shared_ptr<File>>> SimDisk::open(Path path, Open how) {
  co_await busy(0);
  if (how != Open::existing && strikes(DiskFault::write_error, path.string())) {
    co_return io_error(path);
  }
  auto inode = volume_.open(path, how, wall_now());
  if (!inode) co_return failure(inode.error());
  record("disk.open", (*inode)->id, path.string());
  std::shared_ptr<File> file = std::make_shared<SimFile>(*this, *inode, path.string());
  co_return file;
}

Task<Result<std::vector<Disk::Entry>>> SimDisk::list(Path directory) {
  co_await busy(0);
  if (strikes(DiskFault::read_error, directory.string())) co_return io_error(directory);
  co_return volume_.list(directory);
}

Task<Status> SimDisk::make_directory(Path directory) {
  co_await busy(0);
  if (strikes(DiskFault::write_error, directory.string())) co_return io_error(directory);
  record("disk.make", 0, directory.string());
  co_return volume_.make_directory(directory, wall_now());
}

Task<Status> SimDisk::rename(Path from, Path to) {
  co_await busy(0);
  if (strikes(DiskFault::write_error, from.string())) co_return io_error(from);
  record("disk.rename", digest(to.string()), from.string());
  co_return volume_.rename(from, to);
}

Task<Status> SimDisk::remove(Path path) {
  co_await busy(0);
  if (strikes(DiskFault::write_error, path.string())) co_return io_error(path);
  record("disk.remove", digest(path.string()), path.string());
  co_return volume_.remove(path);
}

Task<Status> SimDisk::sync_names(Path directory) {
  co_await busy_syncing();
  if (strikes(DiskFault::sync_error, directory.string())) co_return io_error(directory);
  record("disk.sync_names", 0, directory.string());
  co_return volume_.sync_names(directory);
}

Task<Status> SimDisk::sync_all(Path directory) {
  auto all = volume_.below(directory);
  if (!all) co_return failure(all.error());
  std::vector<std::uint64_t> ends;
  for (const auto& inode : *all) ends.push_back(inode->pages.size());
  co_await busy_syncing();
  const bool failed = strikes(DiskFault::sync_error, directory.string());
  const bool lied = !failed && strikes(DiskFault::lying_sync, directory.string());
  for (std::size_t i = 0; i < all->size(); ++i) {
    auto& pages = (*all)[i]->pages;
    failed || lied ? pages.lose_dirty() : pages.flush(ends[i]);
  }
  if (failed) co_return io_error(directory);
  volume_.sync_names_of(*all);
  record("disk.sync_all", all->size(), directory.string());
  co_return Status();
}

Task<std::optional<WallTime>> SimDisk::modified(Path path) {
  co_await busy(0);
  const auto found = volume_.find(path);
  std::optional<WallTime> when;
  if (found != nullptr) when = found->modified;
  co_return when;
}

Task<Result<std::unique_ptr<DirectoryLock>>> SimDisk::lock(Path path) {
  co_await busy(0);
  auto inode = volume_.open(path, Open::either, wall_now());
  if (!inode) co_return failure(inode.error());
  if (!volume_.try_lock(*inode)) {
    co_return failure(IoError::Kind::busy, path.string() + ": locked by another");
  }
  std::unique_ptr<DirectoryLock> held = std::make_unique<SimLock>(volume_, *inode);
  co_return held;
}

Task<Result<Disk::Space>> SimDisk::space(Path directory) {
  co_await busy(0);
  if (volume_.find(directory) == nullptr) {
    co_return failure(IoError::Kind::not_found, directory.string() + ": no such directory");
  }
  co_return volume_.space();
}

}  // namespace trialog::sim
