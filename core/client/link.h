#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/client/options.h"
#include "core/env/env.h"
#include "core/env/frame_reader.h"
#include "core/protocol/header.h"

namespace trialog::client {

/// A connection to one broker with what both sides speak. Requests are pipelined: each is on its
/// way in the order of the calls, whether or not the caller awaits it at once, and answers are
/// matched in order (Kafka answers in order).
///
/// Once anything fails (the stream, an answer that does not fit, a request without an answer in
/// time) the link is broken for good and every open request fails with the same error; what became
/// of those is then unknown. Must not be destroyed by a task that it runs.
class Link {
 public:
  /// Raises `news` when it breaks. `env` and `options` must outlive it.
  Link(Env& env, const ConnectionOptions& options, Signal& news,
       std::unique_ptr<Connection> connection);

  /// Asks which versions the broker speaks (KIP-35, KIP-511). Before any other request.
  Task<Status> negotiate();

  bool alive() const { return !error_; }
  const std::optional<IoError>& error() const { return error_; }
  /// The highest version that both sides and `limit` allow.
  std::optional<std::int16_t> version_of(const protocol::Api& api, std::int16_t limit = any) const;

  static constexpr std::int16_t any = std::numeric_limits<std::int16_t>::max();

  /// Sends `request` now; the task gives the answer. `wait` is added to the request timeout: how
  /// long the broker may hold the answer back on purpose.
  template <protocol::Message Response, protocol::Message Request>
  Task<Result<Response>> ask(const Request& request, Duration wait = Duration(),
                             std::int16_t limit = any);
  /// Sends a request that has no answer; the task ends when it has left our hands.
  template <protocol::Message Request>
  Task<Status> tell(const Request& request, std::int16_t limit = any);

 private:
  struct Call {
    explicit Call(Executor& executor) : done(executor) {}
    protocol::RequestHeader header;
    Instant deadline = never;
    bool ended = false;
    Result<Bytes> answer;
    Signal done;
  };
  using CallPtr = std::shared_ptr<Call>;

  template <protocol::Message Response>
  static Task<Result<Response>> decoded(Task<Result<Bytes>> body, std::int16_t version);
  template <class T>
  static Task<T> refused(IoError why) {
    co_return failure(std::move(why));
  }
  IoError not_spoken(const protocol::Api& api) const;

  protocol::RequestHeader next_header(const protocol::Api& api, std::int16_t version);
  /// Sends a frame; an error in place of it breaks nothing.
  Task<Result<Bytes>> call(protocol::RequestHeader header, Result<Chain> frame, Duration wait);
  Task<Status> post(protocol::RequestHeader header, Result<Chain> frame);
  Result<CallPtr> send(protocol::RequestHeader header, Result<Chain> frame);
  static Task<Result<Bytes>> answer_to(CallPtr call);
  static Task<Status> end_of(CallPtr call);
  Task<Status> negotiate_with(std::int16_t version, std::int16_t& try_next);

  Task<void> write_requests();
  Task<void> read_answers();
  Task<void> watch_deadlines();
  Status on_answer(const Bytes& frame);
  void end(Call& call, Result<Bytes> answer);
  void fail(IoError error);

  Env& env_;
  const ConnectionOptions& options_;
  Signal& news_;
  std::unique_ptr<Connection> connection_;
  FrameReader reader_;
  std::map<std::int16_t, protocol::Versions> theirs_;
  std::optional<IoError> error_;

  Chain outbox_;
  // Requests without an answer: those in the outbox, and those that are being written.
  std::vector<CallPtr> leaving_;
  std::vector<CallPtr> writing_;
  std::deque<CallPtr> waiting_;  // For answers, in order.
  std::int32_t next_correlation_id_ = 1;
  Instant watched_ = never;
  Signal to_write_;
  Signal to_watch_;
  TaskGroup tasks_;  // Last, so that it goes before what its tasks use.
};

template <protocol::Message Response>
Task<Result<Response>> Link::decoded(Task<Result<Bytes>> body, std::int16_t version) {
  auto bytes = co_await body;
  if (!bytes) co_return failure(bytes.error());
  co_return protocol::decode<Response>(*bytes, version);
}

template <protocol::Message Response, protocol::Message Request>
Task<Result<Response>> Link::ask(const Request& request, Duration wait, std::int16_t limit) {
  static_assert(Response::api.key == Request::api.key);
  const auto version = version_of(Request::api, limit);
  if (!version) return refused<Result<Response>>(not_spoken(Request::api));
  const auto header = next_header(Request::api, *version);
  auto body = call(header, protocol::frame(header, request), wait);
  return decoded<Response>(std::move(body), *version);
}

template <protocol::Message Request>
Task<Status> Link::tell(const Request& request, std::int16_t limit) {
  const auto version = version_of(Request::api, limit);
  if (!version) return refused<Status>(not_spoken(Request::api));
  const auto header = next_header(Request::api, *version);
  return post(header, protocol::frame(header, request));
}

}  // namespace trialog::client
