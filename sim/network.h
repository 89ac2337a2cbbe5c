#pragma once

#include <deque>
#include <memory>
#include <string>

#include "core/env/network.h"
#include "sim/executor.h"
#include "sim/fabric.h"

namespace trialog::sim {

/// One end of a channel, as its node sees it. Holds the channel; closes its end when destroyed.
class SimConnection : public Connection {
 public:
  SimConnection(std::shared_ptr<Channel> channel, Side side, Executor& executor);
  ~SimConnection() override;

  Task<Result<std::size_t>> read(std::span<std::byte> into) override;
  Task<Status> write(Chain bytes) override;
  void finish() override { channel_->finish(side_); }
  const Endpoint& peer() const override { return peer_; }
  Channel& channel() { return *channel_; }

 private:
  Task<Status> write_bytes(Bytes bytes);
  Task<Status> write_range(FileRange range);
  Pipe& incoming() { return channel_->towards(side_); }
  Pipe& outgoing() { return channel_->towards(other(side_)); }

  std::shared_ptr<Channel> channel_;
  Side side_;
  Endpoint peer_;
};

class SimListener : public Listener {
 public:
  SimListener(Host& host, Endpoint local, Executor& executor);
  ~SimListener() override;

  Task<Result<std::unique_ptr<Connection>>> accept() override;
  const Endpoint& local() const override { return local_; }
  /// A connection has come in; it waits to be accepted.
  void arrived(std::shared_ptr<Channel> channel);

 private:
  Host& host_;
  Endpoint local_;
  Executor& executor_;
  std::deque<std::unique_ptr<SimConnection>> waiting_;
  RunnableList acceptor_;
};

/// The network as one process sees it.
class SimNetwork : public Network {
 public:
  SimNetwork(Fabric& fabric, Host& host, Executor& executor)
      : fabric_(fabric), host_(host), executor_(executor) {}

  Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) override;
  /// The host must be our own name, or one of "", "0.0.0.0", "::" and "localhost", which mean it.
  Result<std::unique_ptr<Listener>> listen(Endpoint at) override;

 private:
  Host* resolve(const std::string& name);

  Fabric& fabric_;
  Host& host_;
  Executor& executor_;
};

}  // namespace trialog::sim
