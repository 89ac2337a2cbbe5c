#include "real/tcp_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "real/io_error.h"
#include "real/send.h"

namespace trialog::real {

namespace {

/// The most that is read before everybody else has a turn: what came in is still in the processor's
/// cache when it is written and answered. Many small requests are not cheaper for being more.
constexpr std::size_t share = 64u << 10;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

TcpConnection::TcpConnection(AsioExecutor& executor, std::shared_ptr<Descriptor> socket,
                             Endpoint peer)
    : executor_(executor), socket_(std::move(socket)), peer_(std::move(peer)) {}

TcpConnection::~TcpConnection() { socket_->close(); }

// Waiting first when nothing can be there spares the receive that would only say so: the kernel
// reports at once what came in the meantime.
Task<Result<std::size_t>> TcpConnection::read(std::span<std::byte> into) {
  for (;;) {
    if (drained_) {
      drained_ = false;
      reads_.waited();
      co_await socket_->readable();
      turn_ = 0;
    } else if (reads_.exhausted() || turn_ >= share) {
      turn_ = 0;
      co_await executor_.yield();
    }
    const auto wanted = std::min(into.size(), share);
    const auto count = ::recv(socket_->fd(), into.data(), wanted, MSG_DONTWAIT);
    if (count > 0) {
      turn_ += static_cast<std::size_t>(count);
      drained_ = static_cast<std::size_t>(count) < wanted;
      co_return static_cast<std::size_t>(count);
    }
    if (count == 0) co_return failure(IoError::Kind::closed, peer_.text() + " closed");
    const int error = errno;
    if (would_block(error)) {
      drained_ = true;
    } else if (error != EINTR) {
      co_return failure(system_error(error, "read from", peer_.text()));
    }
  }
}

Task<Status> TcpConnection::write(Chain bytes) {
  if (writes_.exhausted()) co_await executor_.yield();
  SendPosition position;
  while (position.piece < bytes.pieces().size()) {
    const auto attempt = send_some(socket_->fd(), bytes, position);
    if (would_block(attempt.error)) {
      writes_.waited();
      co_await socket_->writable();
    } else if (attempt.error != 0) {
      co_return failure(system_error(attempt.error, "write to", peer_.text()));
    } else if (writes_.exhausted()) {
      co_await executor_.yield();
    }
  }
  co_return Status();
}

void TcpConnection::finish() { ::shutdown(socket_->fd(), SHUT_WR); }

}  // namespace trialog::real
