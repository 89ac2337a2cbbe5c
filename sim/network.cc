#include "sim/network.h"

#include <algorithm>

#include "core/env/disk.h"

namespace trialog::sim {
namespace {

constexpr std::size_t range_step = 64 * 1024;

std::unexpected<IoError> was_reset() {
  return failure(IoError::Kind::broken, "connection reset by peer");
}

}  // namespace

SimConnection::SimConnection(std::shared_ptr<Channel> channel, Side side, Executor& executor)
    : channel_(std::move(channel)), side_(side), peer_(channel_->address(other(side))) {
  if (side == Side::listener) channel_->adopted(executor);
}

SimConnection::~SimConnection() {
  const bool silent = channel_->host(side_).silent;
  channel_->close(side_, silent ? Channel::Farewell::silence : Channel::Farewell::end);
}

Task<Result<std::size_t>> SimConnection::read(std::span<std::byte> into) {
  auto& pipe = incoming();
  while (pipe.arrived_size == 0) {
    if (pipe.broken) co_return was_reset();
    if (pipe.ended) co_return failure(IoError::Kind::closed, "end of stream");
    co_await Parked(pipe.reader, "read");
  }
  const auto count = pipe.take(into);
  channel_->consumed(side_, count);
  co_return count;
}

Task<Status> SimConnection::write(Chain bytes) {
  for (const auto& piece : bytes.pieces()) {
    if (const auto* held = std::get_if<Bytes>(&piece)) {
      auto sent = co_await write_bytes(*held);
      if (!sent) co_return sent;
    } else {
      auto sent = co_await write_range(std::get<FileRange>(piece));
      if (!sent) co_return sent;
    }
  }
  co_return Status();
}

Task<Status> SimConnection::write_bytes(Bytes bytes) {
  while (!bytes.empty()) {
    if (incoming().broken) co_return was_reset();
    if (outgoing().finished) co_return failure(IoError::Kind::closed, "written after the end");
    const auto count = std::min(bytes.size(), channel_->room(side_));
    if (count == 0) {
      channel_->room_wanted(side_);
      co_await Parked(outgoing().writer, "write");
      continue;
    }
    channel_->send(side_, bytes.slice(0, count));
    bytes = bytes.from(count);
  }
  co_return incoming().broken ? Status(was_reset()) : Status();
}

Task<Status> SimConnection::write_range(FileRange range) {
  for (std::size_t done = 0; done < range.size();) {
    Buffer buffer(std::min(range.size() - done, range_step));
    auto count = co_await range.file().read(range.at() + done, buffer.room());
    if (!count) co_return failure(count.error());
    if (*count == 0) co_return failure(IoError::Kind::corrupt, "the file is shorter than said");
    buffer.filled(*count);
    done += *count;
    auto sent = co_await write_bytes(buffer.slice(0, *count));
    if (!sent) co_return sent;
  }
  co_return Status();
}

SimListener::SimListener(Host& host, Endpoint local, Executor& executor)
    : host_(host), local_(std::move(local)), executor_(executor) {
  host_.listeners.emplace(local_.port(), this);
}

SimListener::~SimListener() {
  host_.listeners.erase(local_.port());
  for (auto& connection : waiting_) {
    if (!host_.silent) connection->channel().close(Side::listener, Channel::Farewell::reset);
  }
}

void SimListener::arrived(std::shared_ptr<Channel> channel) {
  waiting_.push_back(
      std::make_unique<SimConnection>(std::move(channel), Side::listener, executor_));
  if (auto* waiter = acceptor_.pop_front()) executor_.wake(*waiter);
}

Task<Result<std::unique_ptr<Connection>>> SimListener::accept() {
  while (waiting_.empty()) co_await Parked(acceptor_, "accept");
  std::unique_ptr<Connection> connection = std::move(waiting_.front());
  waiting_.pop_front();
  co_return connection;
}

Host* SimNetwork::resolve(const std::string& name) {
  const bool ours = name.empty() || name == "0.0.0.0" || name == "::" || name == "localhost" ||
                    name == "127.0.0.1";
  return ours ? &host_ : fabric_.find(name);
}

Task<Result<std::unique_ptr<Connection>>> SimNetwork::connect(Endpoint to) {
  Host* target = resolve(to.host());
  if (target == nullptr) {
    co_return failure(IoError::Kind::not_found, to.text() + ": no such host");
  }
  auto channel = fabric_.open(host_, *target, to.port());
  std::unique_ptr<Connection> connection =
      std::make_unique<SimConnection>(channel, Side::connector, executor_);
  channel->connect(executor_);
  co_await Parked(channel->connecting(), "connect");
  if (channel->answer() != Channel::Answer::accepted) {
    co_return failure(IoError::Kind::refused, to.text() + ": connection refused");
  }
  co_return connection;
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(Endpoint at) {
  if (resolve(at.host()) != &host_) {
    return failure(IoError::Kind::not_found, at.text() + ": not an address of this host");
  }
  const auto port = at.port() == 0 ? fabric_.pick_port(host_) : at.port();
  if (host_.listeners.contains(port)) {
    return failure(IoError::Kind::busy, at.text() + ": address in use");
  }
  const auto name = at.host().empty() ? host_.name : at.host();
  return std::make_unique<SimListener>(host_, Endpoint(name, port), executor_);
}

}  // namespace trialog::sim
