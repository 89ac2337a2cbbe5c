#include "core/broker/client_connection.h"

#include "core/base/check.h"

namespace trialog::broker {
namespace {

constexpr std::size_t smallest_request = 8;  // API key, version and correlation id.

}  // namespace

ClientConnection::ClientConnection(Env& env, Dispatcher& dispatcher,
                                   std::unique_ptr<trialog::Connection> stream, Client client,
                                   ConnectionLimits limits)
    : env_(env),
      dispatcher_(dispatcher),
      stream_(std::move(stream)),
      client_(std::move(client)),
      limits_(limits),
      reader_(*stream_, smallest_request, limits.frame_bytes),
      last_used_(env.clock.now()),
      answered_(env.executor),
      drained_(env.executor),
      closed_(env.executor),
      requests_(env.executor) {}

Task<void> ClientConnection::serve() {
  {
    TaskGroup ways(env_.executor);
    ways.run("requests", read_requests());
    ways.run("answers", write_answers());
    while (!closing_) co_await closed_.wait();
  }
  if (!why_.empty() && env_.trace.hears(Level::info)) {
    env_.trace.note(Level::info, "connection.closed", peer().text() + ": " + why_);
  }
}

void ClientConnection::close(std::string why) {
  if (closing_) return;
  closing_ = true;
  why_ = std::move(why);
  closed_.raise();
}

Task<void> ClientConnection::read_requests() {
  bool more = true;
  while (more) {
    auto frame = reader_.take();
    if (frame) {
      while (!may_begin_another()) co_await drained_.wait();
      more = begin(std::move(*frame));
    } else if (!reader_.problem().empty()) {
      complete(pending_.emplace_back(0), Answer::close(reader_.problem()));
      more = false;
    } else {
      auto status = co_await reader_.read_more();
      more = status.has_value();
      last_used_ = env_.clock.now();
      // After the end of the stream the client may still read; after a reset nobody does.
      if (!status && status.error().kind() != IoError::Kind::closed) co_return close("");
    }
  }
  reading_ended_ = true;
  answered_.raise();
}

bool ClientConnection::may_begin_another() const {
  return pending_.empty() || (pending_.size() < limits_.requests && held_ < limits_.bytes);
}

bool ClientConnection::begin(Bytes frame) {
  held_ += frame.size();
  auto& pending = pending_.emplace_back(frame.size());
  requests_.run("request", answer(std::move(frame), pending));
  return !(pending.ready && pending.answer.closes());
}

Task<void> ClientConnection::answer(Bytes frame, Pending& pending) {
  auto answer = co_await dispatcher_.handle(client_, std::move(frame));
  complete(pending, std::move(answer));
}

void ClientConnection::complete(Pending& pending, Answer answer) {
  CHECK(!pending.ready);
  held_ = held_ - pending.cost + answer.frame().size();
  pending.cost = answer.frame().size();
  pending.answer = std::move(answer);
  pending.ready = true;
  if (&pending == &pending_.front()) answered_.raise();
}

/// The answers that are ready at the front, up to one that closes.
Chain ClientConnection::gather() {
  Chain frames;
  while (!pending_.empty() && pending_.front().ready && !pending_.front().answer.closes()) {
    frames.append(pending_.front().answer.take());
    held_ -= pending_.front().cost;
    pending_.pop_front();
  }
  return frames;
}

Task<void> ClientConnection::write_answers() {
  while (true) {
    auto frames = gather();
    const auto size = frames.size();
    if (size > 0) {
      held_ += size;
      auto status = co_await stream_->write(std::move(frames));
      if (!status) co_return close("");
      held_ -= size;
      last_used_ = env_.clock.now();
    }
    drained_.raise();
    if (!pending_.empty() && pending_.front().ready) {
      if (pending_.front().answer.closes()) co_return close(pending_.front().answer.why());
      continue;
    }
    if (all_answered()) co_return close("");
    co_await answered_.wait();
  }
}

}  // namespace trialog::broker
