#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/chain.h"
#include "core/base/result.h"
#include "core/env/task.h"

namespace trialog {

class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// "host:port", with brackets around an IPv6 address.
  std::string text() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

 private:
  std::string host_;
  std::uint16_t port_ = 0;
};

/// A two-way stream of bytes, in order or not at all; the boundaries of writes are lost. One `read`
/// and one `write` at a time, the two independent of each other. Destroying it closes both ways:
/// the peer reads what was written before and then the end, or a reset.
class Connection {
 public:
  virtual ~Connection() = default;
  /// At least one byte and at most `into.size()`; `closed` at the end of the stream, `broken` after
  /// a reset. `into` must live until the task ends or is destroyed.
  virtual Task<Result<std::size_t>> read(std::span<std::byte> into) = 0;
  /// Ends when all bytes have left our hands, which says nothing about their arrival; waits while
  /// the peer does not read. After an error or a cancelled write, an unknown part was sent: close.
  virtual Task<Status> write(Chain bytes) = 0;
  /// No write follows: the peer reads what was written and then the end. Reading goes on.
  virtual void finish() = 0;
  virtual const Endpoint& peer() const = 0;
};

/// Accepts connections until it is destroyed; those not yet accepted are then refused.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<Result<std::unique_ptr<Connection>>> accept() = 0;
  /// Where it listens, with the port that port 0 became.
  virtual const Endpoint& local() const = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  /// `refused` if nobody listens there, `not_found` if the host has no address. May take forever:
  /// use `within`.
  virtual Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) = 0;
  /// Port 0 picks a free one. `busy` if the port is taken.
  virtual Result<std::unique_ptr<Listener>> listen(Endpoint at) = 0;
};

}  // namespace trialog
