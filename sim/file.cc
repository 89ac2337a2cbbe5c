#include "sim/file.h"

#include <algorithm>
#include <cstring>

namespace trialog::sim {
namespace {

constexpr std::size_t range_step = 64 * 1024;

std::unexpected<IoError> io_error(const std::string& path) {
  return failure(IoError::Kind::broken, path + ": input/output error");
}

}  // namespace

std::size_t SimFile::copy_out(std::uint64_t at, std::span<std::byte> into) {
  const auto all = inode_->pages.view();
  if (at >= all.size()) return 0;
  const auto count = std::min<std::size_t>(into.size(), all.size() - at);
  if (count > 0) std::memcpy(into.data(), all.data() + at, count);
  return count;
}

/// A place of the file that starts a sector, drawn.
std::uint64_t SimFile::some_place(std::size_t bytes) {
  const auto size = inode_->pages.size();
  const auto sectors = size > bytes ? (size - bytes) / sector + 1 : 1;
  return sector * disk_.volume().random().below(sectors);
}

Task<Result<std::size_t>> SimFile::read(std::uint64_t at, std::span<std::byte> into) {
  co_await disk_.busy(into.size());
  if (disk_.strikes(DiskFault::read_error, path_)) co_return io_error(path_);
  const auto size = inode_->pages.size();
  if (at < size && !into.empty() && disk_.strikes(DiskFault::bit_rot, path_)) {
    const auto reach = std::min<std::uint64_t>(into.size(), size - at);
    const auto place = at + disk_.volume().random().below(reach);
    const auto bit = disk_.volume().random().below(8);
    inode_->pages.rot(place, static_cast<unsigned>(bit));
  }
  if (into.size() > 1 && disk_.strikes(DiskFault::short_read, path_)) {
    const auto first = 1 + disk_.volume().random().below(into.size() - 1);
    const auto count = copy_out(at, into.first(first));
    if (count < first) co_return count;
    co_await disk_.busy_syncing();
    co_return count + copy_out(at + count, into.subspan(count));
  }
  if (disk_.strikes(DiskFault::misdirected_read, path_)) {
    const auto expected = at < size ? std::min<std::uint64_t>(into.size(), size - at) : 0;
    co_return copy_out(some_place(into.size()), into.first(expected));
  }
  co_return copy_out(at, into);
}

Task<Status> SimFile::append(Chain bytes) {
  for (const auto& piece : bytes.pieces()) {
    if (const auto* held = std::get_if<Bytes>(&piece)) {
      auto done = co_await append_bytes(*held);
      if (!done) co_return done;
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    for (std::size_t done = 0; done < range.size();) {
      Buffer buffer(std::min(range.size() - done, range_step));
      auto count = co_await range.file().read(range.at() + done, buffer.room());
      if (!count) co_return failure(count.error());
      if (*count == 0) co_return failure(IoError::Kind::corrupt, path_ + ": source is shorter");
      buffer.filled(*count);
      done += *count;
      auto landed = co_await append_bytes(buffer.slice(0, *count));
      if (!landed) co_return landed;
    }
  }
  co_return Status();
}

Task<Status> SimFile::append_bytes(Bytes bytes) {
  co_await disk_.busy(bytes.size());
  if (bytes.size() > 1 && disk_.strikes(DiskFault::short_write, path_)) {
    const auto first = 1 + disk_.volume().random().below(bytes.size() - 1);
    auto landed = land(bytes.view().first(first));
    if (!landed) co_return landed;
    bytes = bytes.from(first);
    co_await disk_.busy_syncing();
  }
  co_return land(bytes.view());
}

/// The bytes get into the page cache, or wherever a fault puts them.
Status SimFile::land(std::span<const std::byte> bytes) {
  auto& volume = disk_.volume();
  auto& pages = inode_->pages;
  if (volume.read_only) return failure(IoError::Kind::denied, path_ + ": read-only file system");
  const auto room = volume.room();
  if (disk_.strikes(DiskFault::no_space, path_) || room < bytes.size()) {
    pages.append(
        bytes.first(volume.random().below(std::min<std::uint64_t>(room, bytes.size()) + 1)));
    return failure(IoError::Kind::full, path_ + ": no space left on device");
  }
  if (disk_.strikes(DiskFault::write_error, path_)) {
    pages.append(bytes.first(volume.random().below(bytes.size() + 1)));
    return io_error(path_);
  }
  inode_->modified = disk_.wall_now();
  if (disk_.strikes(DiskFault::phantom_write, path_)) {
    pages.append_phantom(bytes);
  } else if (disk_.strikes(DiskFault::misdirected_write, path_)) {
    pages.append_misdirected(bytes, some_place(bytes.size()));
  } else {
    pages.append(bytes);
  }
  disk_.record("disk.append", digest(bytes) + inode_->id, path_);
  return Status();
}

Task<Status> SimFile::rewrite(std::uint64_t at, std::uint64_t size) {
  co_await disk_.busy(size);
  if (disk_.volume().read_only) {
    co_return failure(IoError::Kind::denied, path_ + ": read-only file system");
  }
  if (disk_.strikes(DiskFault::write_error, path_)) co_return io_error(path_);
  inode_->pages.rewrite(at, at + size);
  disk_.record("disk.rewrite", at + size, path_);
  co_return Status();
}

Task<Status> SimFile::truncate(std::uint64_t size) {
  co_await disk_.busy(0);
  if (disk_.volume().read_only) {
    co_return failure(IoError::Kind::denied, path_ + ": read-only file system");
  }
  if (disk_.strikes(DiskFault::write_error, path_)) co_return io_error(path_);
  inode_->pages.truncate(size);
  inode_->modified = disk_.wall_now();
  disk_.record("disk.truncate", size, path_);
  co_return Status();
}

Task<Status> SimFile::sync() {
  const auto end = inode_->pages.size();
  co_await disk_.busy_syncing();
  if (disk_.strikes(DiskFault::sync_error, path_)) {
    inode_->pages.lose_dirty();
    co_return io_error(path_);
  }
  if (disk_.strikes(DiskFault::lying_sync, path_)) {
    inode_->pages.lose_dirty();
  } else {
    inode_->pages.flush(end);
  }
  disk_.record("disk.sync", end, path_);
  co_return Status();
}

}  // namespace trialog::sim
