#include "core/broker/server.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::broker {
namespace {

// How long to wait after an accept that failed, such as for want of file descriptors.
constexpr Duration accept_pause = milliseconds(100);

ConnectionLimits limits_from(const node::Options& options) {
  ConnectionLimits limits;
  limits.frame_bytes = static_cast<std::size_t>(std::max(options.socket_request_max_bytes, 0));
  return limits;
}

}  // namespace

/// Counts a connection for as long as its task lives.
class Server::Presence {
 public:
  Presence(Server& server, ClientConnection& client)
      : server_(server), at_(server.clients_.insert(server.clients_.end(), &client)) {}
  Presence(const Presence&) = delete;
  ~Presence() {
    server_.clients_.erase(at_);
    server_.somebody_left_.raise();
  }

 private:
  Server& server_;
  Clients::iterator at_;
};

Server::Server(Env& env, const node::Options& options)
    : env_(env), options_(options), somebody_left_(env.executor), tasks_(env.executor) {}

Status Server::listen() {
  CHECK(sockets_.empty());
  for (const auto& wanted : options_.listeners) {
    auto socket = env_.network.listen(wanted.at);
    if (!socket) {
      sockets_.clear();
      listening_.clear();
      return failure(socket.error());
    }
    node::Listener real = wanted;
    real.at = Endpoint(wanted.at.host(), (*socket)->local().port());
    listening_.push_back(std::move(real));
    sockets_.push_back(std::move(*socket));
  }
  return Status();
}

void Server::start(Dispatcher& dispatcher) {
  CHECK(dispatcher_ == nullptr);
  dispatcher_ = &dispatcher;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    tasks_.spawn("accept", accept_from(*sockets_[i], listening_[i].name));
  }
  if (options_.connections_max_idle > Duration(0)) tasks_.spawn("idle", close_idle());
}

bool Server::is_full() const {
  return std::cmp_greater_equal(clients_.size(), std::max(options_.max_connections, 1));
}

std::size_t Server::from_host(const std::string& host) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      clients_, [&](const ClientConnection* client) { return client->peer().host() == host; }));
}

Task<void> Server::accept_from(trialog::Listener& listener, std::string name) {
  constexpr std::int32_t no_limit = 2147483647;
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream) {
      env_.trace.note(Level::warn, "accept.failed", stream.error().what());
      co_await env_.clock.sleep(accept_pause);
      continue;
    }
    const auto& host = (*stream)->peer().host();
    if (options_.max_connections_per_ip != no_limit &&
        std::cmp_greater_equal(from_host(host), options_.max_connections_per_ip)) {
      env_.trace.note(Level::info, "connection.refused", host + ": too many connections");
      continue;
    }
    while (is_full()) co_await somebody_left_.wait();
    tasks_.run("client", serve_one(std::move(*stream), name));
  }
}

Task<void> Server::serve_one(std::unique_ptr<trialog::Connection> stream, std::string listener) {
  Client client(std::move(listener), stream->peer().host());
  ClientConnection connection(env_, *dispatcher_, std::move(stream), std::move(client),
                              limits_from(options_));
  Presence presence(*this, connection);
  co_await connection.serve();
}

Task<void> Server::close_idle() {
  const Duration limit = options_.connections_max_idle;
  while (true) {
    co_await env_.clock.sleep(std::clamp<Duration>(limit / 10, milliseconds(1), seconds(60)));
    const auto now = env_.clock.now();
    for (auto* client : clients_) {
      if (now - client->last_used() >= limit) client->close("idle for too long");
    }
  }
}

}  // namespace trialog::broker
