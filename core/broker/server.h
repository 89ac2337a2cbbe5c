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
  /// The listeners of one side with the ports they really have, in the order of the options.
  const std::vector<node::Listener>& listeners(Side side) const { return door(side).at; }
  /// Begins to accept on one side. `dispatcher` outlives the server.
  void start(Side side, Dispatcher& dispatcher);
  std::size_t connections() const { return clients_.size(); }

 private:
  using Clients = std::list<ClientConnection*>;
  class Presence;

  struct Door {
    std::vector<std::unique_ptr<trialog::Listener>> sockets;
    std::vector<node::Listener> at;
  };

  const Door& door(Side side) const { return side == Side::clients ? clients_door_ : controllers_; }
  Status open(const std::vector<node::Listener>& wanted, Door& door);
  Task<void> accept_from(trialog::Listener& listener, Side side, std::string name);
  Task<void> serve_one(std::unique_ptr<trialog::Connection> stream, Client client);
  Task<void> close_idle();
  bool is_full() const;
  std::size_t from_host(const std::string& host) const;

  Env& env_;
  const node::Options& options_;
  Dispatcher* dispatcher_ = nullptr;
  Door clients_door_;
  Door controllers_;
  Clients clients_;
  Signal somebody_left_;
  TaskGroup tasks_;
};

}  // namespace trialog::broker
