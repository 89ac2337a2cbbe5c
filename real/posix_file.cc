#include "real/posix_file.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "real/io_error.h"
#include "real/sync_thread.h"

namespace trialog::real {

namespace {

constexpr std::size_t most_pieces = 256;
static_assert(most_pieces <= IOV_MAX);

/// Leaves out the first `written` bytes of what was to be written.
std::span<iovec> rest_of(std::span<iovec> vectors, std::size_t written) {
  while (!vectors.empty() && written >= vectors.front().iov_len) {
    written -= vectors.front().iov_len;
    vectors = vectors.subspan(1);
  }
  if (written > 0) {
    vectors.front().iov_base = static_cast<std::byte*>(vectors.front().iov_base) + written;
    vectors.front().iov_len -= written;
  }
  return vectors;
}

/// 0 or the error. `at` moves behind what was written.
int write_all(int fd, std::span<iovec> vectors, std::uint64_t& at) {
  while (!vectors.empty()) {
    const auto written =
        ::pwritev(fd, vectors.data(), static_cast<int>(vectors.size()), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    at += static_cast<std::uint64_t>(written);
    vectors = rest_of(vectors, static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

PosixFile::PosixFile(SyncThread& syncs, Disk::Path path, std::shared_ptr<const OpenFd> open,
                     std::uint64_t size)
    : syncs_(syncs), path_(std::move(path)), open_(std::move(open)), size_(size) {}

PosixFile::~PosixFile() = default;

int PosixFile::fd() const { return open_->get(); }

std::unexpected<IoError> PosixFile::failed(int error, const char* tried) const {
  return failure(system_error(error, tried, path_.native()));
}

Task<Result<std::size_t>> PosixFile::read(std::uint64_t at, std::span<std::byte> into) {
  std::size_t count = 0;
  while (count < into.size()) {
    const auto got =
        ::pread(fd(), into.data() + count, into.size() - count, static_cast<off_t>(at + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) co_return failed(errno, "read");
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  co_return count;
}

Task<Status> PosixFile::append(Chain bytes) {
  std::size_t piece = 0;
  while (piece < bytes.pieces().size()) {
    const auto* range = std::get_if<FileRange>(&bytes.pieces()[piece]);
    auto done = range != nullptr ? append_range(*range) : append_memory(bytes, piece);
    if (!done) co_return done;
    if (range != nullptr) ++piece;
  }
  co_return Status();
}

/// Writes the pieces from `piece` on that lie in memory, and moves `piece` behind them.
Status PosixFile::append_memory(const Chain& chain, std::size_t& piece) {
  iovec vectors[most_pieces];
  std::size_t count = 0;
  for (; piece < chain.pieces().size() && count < most_pieces; ++piece) {
    const auto* bytes = std::get_if<Bytes>(&chain.pieces()[piece]);
    if (bytes == nullptr) break;
    vectors[count++] = {const_cast<std::byte*>(bytes->data()), bytes->size()};
  }
  if (const int error = write_all(fd(), {vectors, count}, size_)) return failed(error, "write");
  return {};
}

Status PosixFile::append_range(const FileRange& range) {
  return copy_range(dynamic_cast<const PosixFile&>(range.file()), range.at(), range.size(), size_);
}

/// Writes a part of `from` to `to`, which moves behind it.
Status PosixFile::copy_range(const PosixFile& from, std::uint64_t at, std::uint64_t size,
                             std::uint64_t& to) {
  std::vector<std::byte> copy(std::min<std::uint64_t>(size, 1u << 20));
  for (std::uint64_t done = 0; done < size;) {
    const auto want = std::min<std::uint64_t>(copy.size(), size - done);
    const auto got = ::pread(from.fd(), copy.data(), want, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return from.failed(got < 0 ? errno : ENODATA, "read");
    iovec vector{copy.data(), static_cast<std::size_t>(got)};
    if (const int error = write_all(fd(), {&vector, 1}, to)) return failed(error, "write");
    done += static_cast<std::uint64_t>(got);
  }
  return {};
}

Task<Status> PosixFile::rewrite(std::uint64_t at, std::uint64_t size) {
  auto to = at;
  co_return copy_range(*this, at, size, to);
}

Task<Status> PosixFile::truncate(std::uint64_t size) {
  while (::ftruncate(fd(), static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) co_return failed(errno, "truncate");
  }
  size_ = size;
  co_return Status();
}

Task<Status> PosixFile::sync() {
  const int error = co_await syncs_.sync(open_, SyncThread::Call::data);
  if (error != 0) co_return failed(error, "sync");
  co_return Status();
}

}  // namespace trialog::real
