#include "real/asio_network.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "real/address.h"
#include "real/io_error.h"
#include "real/open_fd.h"
#include "real/resolver.h"
#include "real/tcp_connection.h"
#include "real/tcp_listener.h"

namespace trialog::real {

namespace {

/// The error that a connection attempt ended with; 0 if it succeeded.
int outcome_of(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

/// A socket that is open until it is handed on.
class Attempt {
 public:
  Attempt(boost::asio::io_context& io, int fd) : socket_(Descriptor::adopt(io, fd)) {}
  Attempt(const Attempt&) = delete;
  ~Attempt() {
    if (socket_) socket_->close();
  }
  Descriptor& socket() { return *socket_; }
  std::shared_ptr<Descriptor> release() { return std::move(socket_); }

 private:
  std::shared_ptr<Descriptor> socket_;
};

class AsioNetwork : public Network {
 public:
  AsioNetwork(boost::asio::io_context& io, AsioExecutor& executor, Clock& clock, Trace& trace)
      : io_(io), executor_(executor), clock_(clock), trace_(trace) {}

  Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) override {
    auto addresses = co_await resolve(io_, to);
    if (!addresses) co_return failure(addresses.error());
    IoError last(IoError::Kind::not_found, to.host() + " has no address");
    for (const auto& address : *addresses) {
      auto socket = co_await connect_to(address, to);
      if (socket) {
        co_return std::make_unique<TcpConnection>(executor_, std::move(*socket), std::move(to));
      }
      last = socket.error();
    }
    co_return failure(std::move(last));
  }

  Result<std::unique_ptr<Listener>> listen(Endpoint at) override {
    return listen_at(io_, executor_, clock_, trace_, at);
  }

 private:
  Task<Result<std::shared_ptr<Descriptor>>> connect_to(const Address& address, const Endpoint& to) {
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) co_return failure(system_error(errno, "open a socket to", to.text()));
    Attempt attempt(io_, fd);
    const int at_once = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    if (::connect(fd, address.get(), address.length) != 0) {
      int error = errno;
      if (error == EINPROGRESS || error == EINTR) {
        co_await attempt.socket().writable();
        error = outcome_of(fd);
      }
      if (error != 0) co_return failure(system_error(error, "connect to", to.text()));
    }
    co_return attempt.release();
  }

  boost::asio::io_context& io_;
  AsioExecutor& executor_;
  Clock& clock_;
  Trace& trace_;
};

}  // namespace

std::unique_ptr<Network> make_network(boost::asio::io_context& io, AsioExecutor& executor,
                                      Clock& clock, Trace& trace) {
  return std::make_unique<AsioNetwork>(io, executor, clock, trace);
}

}  // namespace trialog::real
