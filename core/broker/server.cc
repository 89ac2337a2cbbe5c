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
  auto opened = open(options_.controller_listeners, controllers_);
  if (opened) opened = open(options_.listeners, clients_door_);
  if (opened) return opened;
  controllers_ = Door();
  clients_door_ = Door();
  return opened;
}

Status Server::open(const std::vector<node::Listener>& wanted, Door& door) {
  CHECK(door.sockets.empty());
  for (const auto& one : wanted) {
    auto socket = env_.network.listen(one.at);
    if (!socket) return failure(socket.error());
    node::Listener real = one;
    real.at = Endpoint(one.at.host(), (*socket)->local().port());
    door.at.push_back(std::move(real));
    door.sockets.push_back(std::move(*socket));
  }
  return Status();
}

void Server::start(Side side, Dispatcher& dispatcher) {
  const bool first = dispatcher_ == nullptr;
  dispatcher_ = &dispatcher;
  const auto& opened = door(side);
  for (std::size_t i = 0; i < opened.sockets.size(); ++i) {
    tasks_.spawn("accept", accept_from(*opened.sockets[i], side, opened.at[i].name));
  }
  if (first && options_.connections_max_idle > Duration(0)) tasks_.spawn("idle", close_idle());
}

bool Server::is_full() const {
  return std::cmp_greater_equal(clients_.size(), std::max(options_.max_connections, 1));
}

std::size_t Server::from_host(const std::string& host) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      clients_, [&](const ClientConnection* client) { return client->peer().host() == host; }));
}

Task<void> Server::accept_from(trialog::Listener& listener, Side side, std::string name) {
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
    Client client(side, name, host);
    tasks_.run("client", serve_one(std::move(*stream), std::move(client)));
  }
}

Task<void> Server::serve_one(std::unique_ptr<trialog::Connection> stream, Client client) {
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
