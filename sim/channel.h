#pragma once

#include <memory>

#include "core/env/network.h"
#include "sim/pipe.h"
#include "sim/rule.h"

namespace trialog::sim {

class Fabric;
struct Host;

/// The two ends of a connection.
enum class Side : std::uint8_t { connector, listener };
constexpr Side other(Side side) {
  return side == Side::connector ? Side::listener : Side::connector;
}

/// One connection as the network sees it, from the first packet until both ends are gone. Outlives
/// the `Connection` objects of its ends, because bytes may still be under way.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  enum class Answer { none, accepted, refused };

  Channel(Fabric& fabric, std::uint64_t id, Host& connector, Host& listener, std::uint16_t port,
          std::uint16_t local_port, std::size_t window);

  std::uint64_t id() const { return id_; }
  std::uint16_t port() const { return port_; }
  Host& host(Side side) const { return *ends_[index(side)].host; }
  Endpoint address(Side side) const;
  std::size_t window() const { return window_; }
  /// The bytes that travel towards `side`.
  Pipe& towards(Side side) { return ends_[index(side)].in; }

  /// Begins the handshake. `end` must be the executor of the connecting side.
  void connect(Executor& executor);
  Answer answer() const { return answer_; }
  RunnableList& connecting() { return connecting_; }
  /// The listening side's process has taken the connection over.
  void adopted(Executor& executor) { ends_[index(Side::listener)].executor = &executor; }

  /// Sends bytes from `from`. There must be room in the window.
  void send(Side from, Bytes bytes);
  std::size_t room(Side from) const;
  void finish(Side from);
  /// `side` has read so many bytes.
  void consumed(Side side, std::size_t count);
  /// A writer of `side` waits: the other side must tell soon what it has read.
  void room_wanted(Side side);
  /// The end is gone: in peace, by a reset, or without a word as in a power loss.
  enum class Farewell { end, reset, silence };
  void close(Side side, Farewell how);
  bool closed(Side side) const { return ends_[index(side)].gone; }
  bool over() const { return ends_[0].gone && ends_[1].gone; }

  /// Both ends learn, now, that the connection is broken.
  void reset();
  /// Only `side` learns.
  void break_end(Side side);
  /// Whatever arrives at `side` from now on comes so much later.
  void delay(Side towards_side, Duration by);
  /// Something that was in the way may be gone: what is held goes on.
  void rearm();

 private:
  class Transit : public Event {
   public:
    Transit(Channel& channel, Kind kind, NodeIndex node, void (Channel::*arrive)(Side), Side side)
        : Event(node, kind), channel_(channel), arrive_(arrive), side_(side) {}
    void happen() override;

   private:
    Channel& channel_;
    void (Channel::*arrive_)(Side);
    Side side_;
  };
  struct End {
    End(Channel& channel, Host& at, Side side);
    Host* host;
    Executor* executor = nullptr;
    Pipe in;
    bool gone = false;
    Duration extra_delay{0};
    Transit deliver;  // The first piece of `in.flight` reaches us.
    Transit credit;   // What we have read becomes known to the other side.
  };

  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  End& end(Side side) { return ends_[index(side)]; }
  const End& end(Side side) const { return ends_[index(side)]; }

  void launch(Side to, Pipe::What what, Bytes bytes, Duration extra);
  Verdict judge(Side from, const Bytes& bytes) const;
  void arm_delivery(Side to);
  void deliver(Side to);
  void arrive(Side to, Pipe::Piece piece);
  void tell_credit(Side side);
  void credit_arrives(Side side);
  void knock(Side);
  void answered(Side);
  void wake(Side side, RunnableList& list);
  bool passable(Side from) const;
  Duration travel(Side from);

  Fabric& fabric_;
  std::uint64_t id_;
  std::uint16_t port_;
  std::uint16_t local_port_;
  std::size_t window_;
  Answer answer_ = Answer::none;
  RunnableList connecting_;
  bool knocking_ = false;   // The first packet is on its way.
  bool answering_ = false;  // The answer is.
  Transit knock_;
  Transit answer_event_;
  End ends_[2];
};

}  // namespace trialog::sim
