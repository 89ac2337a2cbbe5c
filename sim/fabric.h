#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/channel.h"
#include "sim/link.h"
#include "sim/rule.h"
#include "sim/world.h"

namespace trialog::sim {

class SimListener;

/// One host on the network: its name, and who listens there.
struct Host {
  std::string name;
  NodeIndex node = nowhere;
  bool powered = true;  // A host without power answers nothing, not even "refused".
  bool silent = false;  // What is closed now is closed without a word.
  std::map<std::uint16_t, SimListener*> listeners;
  std::uint16_t next_port = 32768;
};

/// The network between all hosts: their links, the connections, and the faults of both. Hosts are
/// known by name; `*` stands for every host where a fault is asked for.
class Fabric {
 public:
  explicit Fabric(World& world) : world_(world), random_(world.random("network")) {}
  Fabric(const Fabric&) = delete;

  World& world() { return world_; }
  Random& random() { return random_; }
  Host& add_host(std::string name, NodeIndex node);
  /// Null if nobody has that name.
  Host* find(std::string_view name);

  // Links, one for each direction.
  LinkSettings& link(std::string_view from, std::string_view to);
  /// For links that have not been used or named so far.
  void set_default_link(LinkSettings settings) { default_link_ = settings; }
  void cut(std::string_view from, std::string_view to);
  void cut_both(std::string_view a, std::string_view b) { cut(a, b), cut(b, a); }
  void isolate(std::string_view name) { cut(name, "*"), cut("*", name); }
  void heal(std::string_view from, std::string_view to);
  void heal_all() { heal("*", "*"); }
  /// Every link is as new, whole and without faults; rules and delays of connections are gone.
  void calm();
  void set_power(Host& host, bool powered);

  // Connections.
  struct Seen {
    std::uint64_t id = 0;
    std::string from, to;
    std::uint16_t port = 0;
  };
  /// All that are not closed on both sides, oldest first.
  std::vector<Seen> connections() const;
  void reset(std::uint64_t connection);
  /// Only one side learns that it is broken; the other waits for bytes that never come.
  void break_half(std::uint64_t connection, Side who_learns);
  void delay(std::uint64_t connection, Side towards, Duration by);

  using RuleId = std::uint64_t;
  /// Rules are asked in the order in which they were added.
  RuleId add_rule(Rule rule);
  void remove_rule(RuleId id) { rules_.erase(id); }

  // For channels and the nodes' networks.
  std::shared_ptr<Channel> open(Host& from, Host& to, std::uint16_t port);
  std::uint16_t pick_port(Host& host);
  const LinkSettings& settings(const Host& from, const Host& to) { return at(from, to).settings; }
  bool passable(const Host& from, const Host& to);
  Moment arrival(const Host& from, const Host& to, std::size_t bytes);
  Verdict judge(const Delivery& delivery) const;
  void forget(Channel& channel);

 private:
  struct Link {
    LinkSettings settings;
    Moment free_at = beginning;
  };
  Link& at(const Host& from, const Host& to);
  template <class Visit>
  void each_link(std::string_view from, std::string_view to, Visit visit);
  void rearm();

  World& world_;
  Random random_;
  LinkSettings default_link_;
  std::map<std::string, Host, std::less<>> hosts_;
  std::map<std::pair<NodeIndex, NodeIndex>, Link> links_;
  std::map<std::uint64_t, std::shared_ptr<Channel>> channels_;
  std::map<RuleId, Rule> rules_;
  std::uint64_t last_channel_ = 0;
  RuleId last_rule_ = 0;
};

}  // namespace trialog::sim
