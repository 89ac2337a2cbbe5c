#pragma once

#include <list>
#include <memory>
#include <vector>

#include "core/broker/client_connection.h"
#include "core/node/options.h"

namespace trialog::broker {

/// The listening sockets of a broker and the connections that came in by them. Destroying it drops
/// them all.
///
/// Always true: at most `max.connections` are served; further ones wait until one ends, all but the
/// first of them in the socket's queue, as with Kafka. One that did nothing for
/// `connections.max.idle.ms` is closed.
class Server {
 public:
  /// Both outlive it.
  Server(Env& env, const node::Options& options);

  /// Takes the ports of all listeners; nobody is accepted yet. After an error none is taken.
  Status listen();
  /// The listeners with the ports they really have, in the order of the options.
  const std::vector<node::Listener>& listeners() const { return listening_; }
  /// Begins to accept. `dispatcher` outlives the server.
  void start(Dispatcher& dispatcher);
  std::size_t connections() const { return clients_.size(); }

 private:
  using Clients = std::list<ClientConnection*>;
  class Presence;

  Task<void> accept_from(trialog::Listener& listener, std::string name);
  Task<void> serve_one(std::unique_ptr<trialog::Connection> stream, std::string listener);
  Task<void> close_idle();
  bool is_full() const;
  std::size_t from_host(const std::string& host) const;

  Env& env_;
  const node::Options& options_;
  Dispatcher* dispatcher_ = nullptr;
  std::vector<std::unique_ptr<trialog::Listener>> sockets_;
  std::vector<node::Listener> listening_;
  Clients clients_;
  Signal somebody_left_;
  TaskGroup tasks_;
};

}  // namespace trialog::broker
