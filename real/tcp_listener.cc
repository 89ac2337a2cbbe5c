#include "real/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "real/address.h"
#include "real/io_error.h"
#include "real/resolver.h"
#include "real/tcp_connection.h"

namespace trialog::real {

namespace {

constexpr Duration pause_when_exhausted = milliseconds(100);

bool of_one_connection(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM ||
         error == ENETDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

bool exhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

class TcpListener : public Listener {
 public:
  TcpListener(boost::asio::io_context& io, AsioExecutor& executor, Clock& clock, Trace& trace,
              int fd, Endpoint local)
      : io_(io),
        executor_(executor),
        clock_(clock),
        trace_(trace),
        socket_(Descriptor::adopt(io, fd)),
        local_(std::move(local)) {}
  ~TcpListener() override { socket_->close(); }

  Task<Result<std::unique_ptr<Connection>>> accept() override {
    if (fairness_.exhausted()) co_await executor_.yield();
    for (;;) {
      Address peer;
      const int fd =
          ::accept4(socket_->fd(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) co_return accepted(fd, peer);
      const int error = errno;
      if (error == EAGAIN || error == EWOULDBLOCK) {
        fairness_.waited();
        co_await socket_->readable();
      } else if (exhausted(error)) {
        complain(error);
        co_await clock_.sleep(pause_when_exhausted);
      } else if (!of_one_connection(error)) {
        co_return failure(system_error(error, "accept at", local_.text()));
      }
    }
  }

  const Endpoint& local() const override { return local_; }

 private:
  std::unique_ptr<Connection> accepted(int fd, const Address& peer) {
    complained_ = false;
    const int at_once = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    return std::make_unique<TcpConnection>(executor_, Descriptor::adopt(io_, fd),
                                           endpoint_of(peer));
  }

  /// Once until it is over, however often it is tried meanwhile.
  void complain(int error) {
    if (complained_) return;
    complained_ = true;
    const auto why = system_error(error, "accept at", local_.text());
    trace_.note(Level::warn, "network.exhausted", why.what() + "; new connections wait");
  }

  boost::asio::io_context& io_;
  AsioExecutor& executor_;
  Clock& clock_;
  Trace& trace_;
  std::shared_ptr<Descriptor> socket_;
  Endpoint local_;
  Fairness fairness_;
  bool complained_ = false;
};

/// An open socket that listens at `address`, or -1 with `errno` set.
int listening_socket(const Address& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (::bind(fd, address.get(), address.length) == 0 && ::listen(fd, SOMAXCONN) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_at(boost::asio::io_context& io, AsioExecutor& executor,
                                            Clock& clock, Trace& trace, const Endpoint& at) {
  const auto addresses = resolve_to_listen(at);
  if (!addresses) return failure(addresses.error());
  int error = EADDRNOTAVAIL;
  for (const auto& address : *addresses) {
    const int fd = listening_socket(address);
    if (fd < 0) {
      error = errno;
      // Its port is taken in this family: another family must not hide that.
      if (error == EADDRINUSE) break;
      continue;
    }
    Address bound;
    ::getsockname(fd, bound.get(), &bound.length);
    Endpoint local(at.host(), endpoint_of(bound).port());
    return std::make_unique<TcpListener>(io, executor, clock, trace, fd, std::move(local));
  }
  return failure(system_error(error, "listen at", at.text()));
}

}  // namespace trialog::real
