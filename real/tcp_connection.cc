#include "real/tcp_connection.h"

#include <sys/socket.h>

#include <cerrno>

#include "real/io_error.h"
#include "real/send.h"

namespace trialog::real {

namespace {

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
    } else if (reads_.exhausted()) {
      co_await executor_.yield();
    }
    const auto count = ::recv(socket_->fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (count > 0) {
      drained_ = static_cast<std::size_t>(count) < into.size();
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
