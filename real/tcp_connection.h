#pragma once

#include <memory>

#include "core/env/network.h"
#include "real/asio_executor.h"
#include "real/descriptor.h"

namespace trialog::real {

/// A connected socket. A read or write that can go on does so at once; one that can't waits for the
/// loop.
class TcpConnection : public Connection {
 public:
  TcpConnection(AsioExecutor& executor, std::shared_ptr<Descriptor> socket, Endpoint peer);
  ~TcpConnection() override;

  Task<Result<std::size_t>> read(std::span<std::byte> into) override;
  Task<Status> write(Chain bytes) override;
  void finish() override;
  const Endpoint& peer() const override { return peer_; }

 private:
  AsioExecutor& executor_;
  std::shared_ptr<Descriptor> socket_;
  Endpoint peer_;
  Fairness reads_;
  Fairness writes_;
  std::size_t turn_ = 0;  // How much was read since others had a turn.
  /// The last read took less than it could: the next would find nothing.
  bool drained_ = true;
};

}  // namespace trialog::real
