#pragma once

#include <deque>
#include <memory>
#include <string>

#include "core/broker/answer.h"
#include "core/broker/dispatcher.h"
#include "core/env/env.h"
#include "core/env/frame_reader.h"

namespace trialog::broker {

/// What one connection may hold at a time; beyond it, it is not read until answers have left.
struct ConnectionLimits {
  std::size_t frame_bytes = 100u << 20;
  std::size_t requests = 4000;  // As many small ones as may arrive while a slow sync lasts.
  std::size_t bytes = 16u << 20;  // Of requests without an answer and of answers not yet sent.
};

/// One client. Its requests are pipelined: each begins as soon as it has arrived, in order, and
/// what it does before it first waits (such as appending) is done in that order. Answers leave in
/// the order of the requests, all that are ready in one write.
///
/// Always true: a client that never reads costs at most its limits, because then nothing more is
/// read from it. One that breaks the protocol is closed after the answers to what it asked before.
class ClientConnection {
 public:
  /// `dispatcher` outlives it; it owns `stream`.
  ClientConnection(Env& env, Dispatcher& dispatcher, std::unique_ptr<trialog::Connection> stream,
                   Client client, ConnectionLimits limits);

  /// Its whole life. Destroying the task drops the connection and cancels its requests.
  Task<void> serve();
  /// Ends `serve` in a turn of its own. `why` goes to the log.
  void close(std::string why);
  /// When it last read or wrote something.
  Instant last_used() const { return last_used_; }
  const Endpoint& peer() const { return stream_->peer(); }

 private:
  struct Pending {
    explicit Pending(std::size_t size) : cost(size) {}
    Answer answer;
    bool ready = false;
    std::size_t cost;
  };

  Task<void> read_requests();
  Task<void> write_answers();
  Task<void> answer(Bytes frame, Pending& pending);
  bool may_begin_another() const;
  /// False once no further request may be read.
  bool begin(Bytes frame);
  void complete(Pending& pending, Answer answer);
  Chain gather();
  bool all_answered() const { return reading_ended_ && pending_.empty(); }

  Env& env_;
  Dispatcher& dispatcher_;
  std::unique_ptr<trialog::Connection> stream_;
  Client client_;
  ConnectionLimits limits_;
  FrameReader reader_;
  Instant last_used_;
  std::deque<Pending> pending_;  // In the order of the requests; references stay valid.
  std::size_t held_ = 0;
  bool reading_ended_ = false;
  bool closing_ = false;
  std::string why_;
  Signal answered_;
  Signal drained_;
  Signal closed_;
  TaskGroup requests_;
};

}  // namespace trialog::broker
