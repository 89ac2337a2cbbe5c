#include "sim/channel.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "sim/fabric.h"
#include "sim/network.h"

namespace trialog::sim {
namespace {

/// Larger writes leave in pieces of at most so many bytes.
constexpr std::size_t largest_piece = 64 * 1024;
/// One piece in so many is cut at a place that is drawn.
constexpr std::uint64_t cut_one_in = 4;

Bytes with_flipped_bit(const Bytes& bytes, Random& random) {
  std::vector<std::byte> copy(bytes.view().begin(), bytes.view().end());
  const auto at = random.below(copy.size());
  const auto bit = random.below(8);
  copy[at] ^= std::byte{1} << bit;
  return Bytes(std::move(copy));
}

}  // namespace

std::size_t Pipe::take(std::span<std::byte> into) {
  std::size_t taken = 0;
  while (taken < into.size() && !arrived.empty()) {
    Bytes& first = arrived.front();
    const auto count = std::min(first.size(), into.size() - taken);
    std::memcpy(into.data() + taken, first.data(), count);
    taken += count;
    if (count == first.size()) {
      arrived.pop_front();
    } else {
      first = first.from(count);
    }
  }
  arrived_size -= taken;
  return taken;
}

Channel::End::End(Channel& channel, Host& at, Side side)
    : host(&at),
      deliver(channel, "net.deliver", at.node, &Channel::deliver, side),
      credit(channel, "net.credit", at.node, &Channel::credit_arrives, side) {}

Channel::Channel(Fabric& fabric, std::uint64_t id, Host& connector, Host& listener,
                 std::uint16_t port, std::uint16_t local_port, std::size_t window)
    : fabric_(fabric),
      id_(id),
      port_(port),
      local_port_(local_port),
      window_(window),
      knock_(*this, "net.knock", listener.node, &Channel::knock, Side::listener),
      answer_event_(*this, "net.answer", connector.node, &Channel::answered, Side::connector),
      ends_{End(*this, connector, Side::connector), End(*this, listener, Side::listener)} {
  end(Side::listener).gone = true;  // Until it is accepted.
}

void Channel::Transit::happen() {
  const auto keep = channel_.shared_from_this();
  (channel_.*arrive_)(side_);
}

Endpoint Channel::address(Side side) const {
  return Endpoint(host(side).name, side == Side::listener ? port_ : local_port_);
}

bool Channel::passable(Side from) const { return fabric_.passable(host(from), host(other(from))); }

void Channel::wake(Side side, RunnableList& list) {
  if (end(side).executor == nullptr) return;
  while (auto* waiter = list.pop_front()) end(side).executor->wake(*waiter);
}

// The handshake: the connector knocks, the listening host answers.

void Channel::connect(Executor& executor) {
  end(Side::connector).executor = &executor;
  const auto& link = fabric_.settings(host(Side::connector), host(Side::listener));
  if (fabric_.random().chance(link.hangs_per_million)) {
    fabric_.world().record(host(Side::connector).node, "fault.net.hang", id_);
    return;
  }
  knocking_ = true;
  fabric_.world().schedule(knock_, fabric_.arrival(host(Side::connector), host(Side::listener), 0));
}

void Channel::knock(Side) {
  if (!passable(Side::connector)) return;  // `rearm` knocks again.
  knocking_ = false;
  Host& target = host(Side::listener);
  const auto listener = target.listeners.find(port_);
  const auto& link = fabric_.settings(host(Side::connector), target);
  const bool refused = fabric_.random().chance(link.refusals_per_million);
  if (refused) fabric_.world().record(target.node, "fault.net.refuse", id_);
  answer_ = Answer::refused;
  if (listener != target.listeners.end() && !refused) {
    answer_ = Answer::accepted;
    end(Side::listener).gone = false;
    listener->second->arrived(shared_from_this());
  }
  answering_ = true;
  fabric_.world().schedule(answer_event_, fabric_.arrival(target, host(Side::connector), 0));
}

void Channel::answered(Side) {
  if (!passable(Side::listener)) return;
  answering_ = false;
  wake(Side::connector, connecting_);
}

// Bytes.

std::size_t Channel::room(Side from) const {
  const auto outstanding = end(other(from)).in.outstanding;
  return outstanding >= window_ ? 0 : window_ - outstanding;
}

void Channel::send(Side from, Bytes bytes) {
  CHECK(bytes.size() <= room(from));
  const Side to = other(from);
  end(to).in.outstanding += bytes.size();
  while (!bytes.empty()) {
    auto count = std::min(bytes.size(), largest_piece);
    const bool cut = fabric_.random().below(cut_one_in) == 0;
    if (cut && count > 1) count = 1 + fabric_.random().below(count - 1);
    const auto piece = bytes.slice(0, count);
    bytes = bytes.from(count);
    const auto verdict = judge(from, piece);
    if (std::holds_alternative<Cut>(verdict)) return reset();
    const auto* later = std::get_if<Deliver>(&verdict);
    launch(to, Pipe::What::data, piece, later == nullptr ? Duration(0) : later->after);
  }
}

Verdict Channel::judge(Side from, const Bytes& bytes) const {
  const auto& link = fabric_.settings(host(from), host(other(from)));
  if (fabric_.random().chance(link.resets_per_million)) {
    fabric_.world().record(host(from).node, "fault.net.reset", id_);
    return Cut{};
  }
  const auto& pipe = end(other(from)).in;
  return fabric_.judge({host(from).name, host(other(from)).name, port_, id_, pipe.position,
                        bytes.view(), from == Side::connector});
}

void Channel::launch(Side to, Pipe::What what, Bytes bytes, Duration extra) {
  auto& pipe = end(to).in;
  const auto& link = fabric_.settings(host(other(to)), host(to));
  pipe.position += bytes.size();
  if (!bytes.empty() && fabric_.random().chance(link.flips_per_million)) {
    bytes = with_flipped_bit(bytes, fabric_.random());
    fabric_.world().record(host(to).node, "fault.net.flip", id_);
  }
  const auto arrival = fabric_.arrival(host(other(to)), host(to), bytes.size());
  pipe.last_at = std::max(pipe.last_at, arrival + end(to).extra_delay + extra);
  pipe.flight.push_back({pipe.last_at, what, std::move(bytes)});
  arm_delivery(to);
}

void Channel::arm_delivery(Side to) {
  auto& at = end(to);
  if (at.deliver.pending() || at.in.flight.empty()) return;
  fabric_.world().schedule(at.deliver, at.in.flight.front().at);
}

void Channel::deliver(Side to) {
  auto& pipe = end(to).in;
  if (!passable(other(to))) return;  // `rearm` sends it again.
  while (!pipe.flight.empty() && pipe.flight.front().at <= fabric_.world().now()) {
    auto piece = std::move(pipe.flight.front());
    pipe.flight.pop_front();
    arrive(to, std::move(piece));
  }
  arm_delivery(to);
}

void Channel::arrive(Side to, Pipe::Piece piece) {
  auto& pipe = end(to).in;
  if (piece.what == Pipe::What::reset) return break_end(to);
  fabric_.world().record(host(to).node, "net.arrived", digest(piece.bytes.view()) ^ id_ << 48);
  if (end(to).gone) {
    // Nobody there any more: the host answers bytes with a reset.
    if (piece.what == Pipe::What::data && !end(other(to)).gone) {
      launch(other(to), Pipe::What::reset, Bytes(), Duration(0));
    }
    return;
  }
  if (piece.what == Pipe::What::end) pipe.ended = true;
  pipe.arrive(std::move(piece.bytes));
  wake(to, pipe.reader);
}

void Channel::finish(Side from) {
  auto& pipe = end(other(from)).in;
  if (pipe.finished) return;
  pipe.finished = true;
  if (!end(from).in.broken) launch(other(from), Pipe::What::end, Bytes(), Duration(0));
}

// What has been read makes room for the writer, once it hears of it.

void Channel::consumed(Side side, std::size_t count) {
  auto& pipe = end(side).in;
  pipe.consumed += count;
  if (!pipe.writer.empty() || pipe.consumed >= window_ / 4) tell_credit(side);
}

void Channel::room_wanted(Side side) {
  if (end(other(side)).in.consumed > 0) tell_credit(other(side));
}

void Channel::tell_credit(Side side) {
  auto& at = end(side);
  if (at.credit.pending()) return;
  fabric_.world().schedule(at.credit, fabric_.arrival(host(side), host(other(side)), 0));
}

void Channel::credit_arrives(Side side) {
  auto& pipe = end(side).in;
  if (!passable(side)) return;
  pipe.outstanding -= pipe.consumed;
  pipe.consumed = 0;
  wake(other(side), pipe.writer);
}

// Ends.

void Channel::close(Side side, Farewell how) {
  auto& at = end(side);
  if (at.gone) return;
  at.gone = true;
  at.executor = nullptr;
  at.in.reader_gone = true;
  if (side == Side::connector) connecting_.pop_front();
  if (how != Farewell::silence && !over()) {
    const bool unread = at.in.arrived_size > 0;
    if (how == Farewell::reset || unread) {
      launch(other(side), Pipe::What::reset, Bytes(), Duration(0));
    } else {
      finish(side);
    }
  }
  at.in.arrived.clear();
  at.in.arrived_size = 0;
  end(other(side)).in.finished = true;
  if (over()) fabric_.forget(*this);
}

void Channel::reset() {
  const auto keep = shared_from_this();
  break_end(Side::connector);
  break_end(Side::listener);
}

void Channel::break_end(Side side) {
  auto& at = end(side);
  if (at.gone || at.in.broken) return;
  fabric_.world().record(host(side).node, "net.broken", id_);
  at.in.broken = true;
  at.in.flight.clear();
  end(other(side)).in.finished = true;
  end(other(side)).in.flight.clear();
  wake(side, at.in.reader);
  wake(side, end(other(side)).in.writer);
}

void Channel::delay(Side towards_side, Duration by) {
  if (end(towards_side).extra_delay == by) return;
  fabric_.world().record(host(towards_side).node, "fault.net.delay",
                         static_cast<std::uint64_t>(by.count()) ^ id_ << 48);
  end(towards_side).extra_delay = by;
}

void Channel::rearm() {
  auto& world = fabric_.world();
  const auto& from = host(Side::connector);
  const auto& to = host(Side::listener);
  if (knocking_ && !knock_.pending()) world.schedule(knock_, fabric_.arrival(from, to, 0));
  if (answering_ && !answer_event_.pending()) {
    world.schedule(answer_event_, fabric_.arrival(to, from, 0));
  }
  for (const Side side : {Side::connector, Side::listener}) {
    auto& at = end(side);
    if (!at.deliver.pending() && !at.in.flight.empty()) {
      const auto resent = fabric_.arrival(host(other(side)), host(side), 0);
      at.in.flight.front().at = std::max(at.in.flight.front().at, resent);
      at.in.last_at = std::max(at.in.last_at, resent);
      world.schedule(at.deliver, at.in.flight.front().at);
    }
    if (at.in.consumed > 0 && !at.in.writer.empty()) tell_credit(side);
  }
}

}  // namespace trialog::sim
