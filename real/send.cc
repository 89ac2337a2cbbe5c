#include "real/send.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "core/base/check.h"
#include "real/posix_file.h"

namespace trialog::real {

namespace {

/// Pieces a system call; more would only cost stack.
constexpr std::size_t most_pieces = 256;

std::size_t size_of(const Chain::Piece& piece) {
  if (const auto* bytes = std::get_if<Bytes>(&piece)) return bytes->size();
  return std::get<FileRange>(piece).size();
}

void advance(const Chain& chain, SendPosition& position, std::size_t sent) {
  position.within += sent;
  while (position.piece < chain.pieces().size()) {
    const auto size = size_of(chain.pieces()[position.piece]);
    if (position.within < size) return;
    position.within -= size;
    ++position.piece;
  }
}

ssize_t send_memory(int socket, const Chain& chain, const SendPosition& position) {
  iovec vectors[most_pieces];
  std::size_t count = 0;
  auto skip = position.within;
  auto piece = position.piece;
  for (; piece < chain.pieces().size() && count < most_pieces; ++piece) {
    const auto* bytes = std::get_if<Bytes>(&chain.pieces()[piece]);
    if (bytes == nullptr) break;
    auto* data = const_cast<std::byte*>(bytes->data());
    vectors[count++] = {data + skip, bytes->size() - skip};
    skip = 0;
  }
  // What follows should leave in the same packet.
  const int more = piece < chain.pieces().size() ? MSG_MORE : 0;
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | more;
  if (count == 1) return ::send(socket, vectors[0].iov_base, vectors[0].iov_len, flags);
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  return ::sendmsg(socket, &message, flags);
}

ssize_t send_range(int socket, const FileRange& range, std::size_t within) {
  const auto* file = dynamic_cast<const PosixFile*>(&range.file());
  CHECK(file != nullptr);
  auto at = static_cast<off_t>(range.at() + within);
  const auto sent = ::sendfile(socket, file->fd(), &at, range.size() - within);
  if (sent == 0) {
    errno = ENODATA;  // The file is shorter than the range: it broke its promise.
    return -1;
  }
  return sent;
}

}  // namespace

SendAttempt send_some(int socket, const Chain& chain, SendPosition& position) {
  CHECK(position.piece < chain.pieces().size());
  const auto& piece = chain.pieces()[position.piece];
  const auto* range = std::get_if<FileRange>(&piece);
  const auto sent = range != nullptr ? send_range(socket, *range, position.within)
                                     : send_memory(socket, chain, position);
  if (sent < 0) return {0, errno == EINTR ? 0 : errno};
  advance(chain, position, static_cast<std::size_t>(sent));
  return {static_cast<std::size_t>(sent), 0};
}

}  // namespace trialog::real
