#include "real/posix_disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "real/io_error.h"
#include "real/posix_file.h"

namespace trialog::real {

namespace {

namespace fs = std::filesystem;

std::unexpected<IoError> failed(int error, const char* tried, const Disk::Path& path) {
  return failure(system_error(error, tried, path.native()));
}

/// The parent of a bare name is the working directory.
const char* directory_name(const Disk::Path& path) { return path.empty() ? "." : path.c_str(); }

int open_fd(const char* path, int flags) {
  for (;;) {
    const int fd = ::open(path, flags | O_CLOEXEC, 0644);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

class FileLock : public DirectoryLock {
 public:
  explicit FileLock(int fd) : fd_(fd) {}

 private:
  OpenFd fd_;  // The kernel frees the lock with the descriptor.
};

Disk::Entry entry_of(const fs::directory_entry& found) {
  Disk::Entry entry;
  std::error_code error;  // It may be gone already; then it counts as empty.
  entry.name = found.path().filename().string();
  entry.directory = found.is_directory(error);
  const auto size = entry.directory ? 0 : found.file_size(error);
  entry.size = error ? 0 : size;
  return entry;
}

}  // namespace

Task<Result<std::shared_ptr<File>>> PosixDisk::open(Path path, Open how) {
  const int make = how == Open::existing ? 0 : how == Open::either ? O_CREAT : O_CREAT | O_EXCL;
  const int fd = open_fd(path.c_str(), O_RDWR | make);
  if (fd < 0) co_return failed(errno, "open", path);
  auto opened = std::make_shared<const OpenFd>(fd);
  struct stat status{};
  if (::fstat(fd, &status) != 0) co_return failed(errno, "stat", path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  co_return std::make_shared<PosixFile>(syncs_, std::move(path), std::move(opened), size);
}

Task<Result<std::vector<Disk::Entry>>> PosixDisk::list(Path directory) {
  std::error_code error;
  std::vector<Entry> entries;
  fs::directory_iterator at(directory, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    entries.push_back(entry_of(*at));
  }
  if (error) co_return failed(error.value(), "list", directory);
  std::ranges::sort(entries, {}, &Entry::name);
  co_return entries;
}

Task<Status> PosixDisk::make_directory(Path directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) co_return failed(error.value(), "make directory", directory);
  co_return Status();
}

Task<Status> PosixDisk::rename(Path from, Path to) {
  if (::rename(from.c_str(), to.c_str()) != 0) co_return failed(errno, "rename", from);
  co_return Status();
}

Task<Status> PosixDisk::remove(Path path) {
  if (::remove(path.c_str()) != 0) co_return failed(errno, "remove", path);
  co_return Status();
}

Task<Status> PosixDisk::sync_names(Path directory) {
  return sync_directory(std::move(directory), SyncThread::Call::everything);
}

Task<Status> PosixDisk::sync_all(Path directory) {
  return sync_directory(std::move(directory), SyncThread::Call::file_system);
}

Task<Status> PosixDisk::sync_directory(Path directory, SyncThread::Call call) {
  const int fd = open_fd(directory_name(directory), O_RDONLY | O_DIRECTORY);
  if (fd < 0) co_return failed(errno, "open", directory);
  auto open = std::make_shared<const OpenFd>(fd);
  const int error = co_await syncs_.sync(std::move(open), call);
  if (error != 0) co_return failed(error, "sync", directory);
  co_return Status();
}

Task<std::optional<WallTime>> PosixDisk::modified(Path path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) co_return std::nullopt;
  const auto since_1970 =
      seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  co_return WallTime(std::chrono::floor<milliseconds>(since_1970));
}

Task<Result<std::unique_ptr<DirectoryLock>>> PosixDisk::lock(Path path) {
  const int fd = open_fd(path.c_str(), O_RDWR | O_CREAT);
  if (fd < 0) co_return failed(errno, "open", path);
  auto lock = std::make_unique<FileLock>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) co_return failed(errno, "lock", path);
    co_return failure(IoError::Kind::busy, "lock " + path.native() + ": another process holds it");
  }
  co_return lock;
}

Task<Result<Disk::Space>> PosixDisk::space(Path directory) {
  struct statvfs status{};
  if (::statvfs(directory_name(directory), &status) != 0) {
    co_return failed(errno, "ask for the space of", directory);
  }
  Space space;
  space.total = static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize;
  space.usable = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  co_return space;
}

}  // namespace trialog::real
