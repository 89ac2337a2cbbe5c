#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/quorum/quorum.h"

namespace trialog::quorum::test {

struct Record {
  Epoch epoch;
  std::int64_t value = 0;
  std::optional<VoterSet> voters;
  friend bool operator==(const Record&, const Record&) = default;
};

/// How rough the world is.
struct Faults {
  std::uint32_t loss = 50'000;  // In a million, here and below.
  std::uint32_t duplicate = 20'000;
  std::uint32_t slow = 400'000;
  std::uint32_t crash_amid_effects = 20'000;
  std::uint32_t crash_after_change = 100'000;  // Of the role: a vote, an election.
  Duration slowest = milliseconds(300);
  Duration crash_gap = seconds(1);
  Duration cut_gap = seconds(2);
  Duration change_gap = seconds(1);  // Of the voter set.
};

/// Some machines, their disks, and a network that loses, delays, repeats and reorders. Everything
/// follows from the seed. Notes what must never be in `violations`.
class Cluster {
 public:
  Cluster(std::uint64_t seed, int voters, int observers, Bugs bugs = {}, Faults faults = {});

  /// Lets the world be rough for so long.
  void suffers(Duration duration);
  /// Everybody is up, nothing is lost.
  void heals();
  void runs(Duration duration);
  /// Appends to the leader that all voters agree on, and waits until all of them have committed it.
  bool commits_everywhere(Duration within);
  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t committed() const { return committed_.size(); }
  int elections() const { return static_cast<int>(leaders_.size()); }
  int voter_changes() const { return voter_changes_; }

 private:
  struct Disk {
    Ballot ballot;
    std::vector<Record> log;
    std::size_t synced = 0;
  };
  struct Node {
    ReplicaKey key;
    Disk disk;
    std::unique_ptr<Quorum> machine;  // Null while it is down.
    std::uint64_t life = 0;           // Counts starts; what an earlier life began is void.
    Offset seen;
    std::int64_t next_peer = 0;
    bool fetching = false;
  };
  struct FetchRequest {
    Epoch epoch;
    ReplicaKey from;
    LogEnd position;
  };
  struct FetchAnswer {
    bool valid = false;
    Epoch epoch;
    std::optional<NodeId> leader;
    std::optional<LogEnd> diverging;
    Offset at;
    std::vector<Record> records;
    Offset high_watermark;
  };
  using Act = std::function<void()>;

  void at(Instant when, Act act) { queue_.emplace(when, std::move(act)); }
  void after(Duration delay, Act act) { at(now_ + delay, std::move(act)); }
  void step();
  Duration some(Duration most);
  Node& node(NodeId id) { return nodes_.at(id); }
  Node& some_node();

  void start(Node& node);
  void crash(Node& node);
  void tick(NodeId id, std::uint64_t life);
  void carry_out(Node& node, Effects effects, NodeId asker);
  void lead(Node& node);
  void append(Node& node, Record record);
  void sync_later(Node& node);
  void transmit(NodeId from, NodeId to, Act act);
  void deliver(NodeId from, NodeId to, const Message& message);
  void fetch(Node& node);
  std::optional<FetchAnswer> answer(Node& node, const FetchRequest& request);
  void take(Node& node, const FetchRequest& request, const FetchAnswer& answer);
  LogEnd end_of(const Node& node) const;
  LogEnd end_of_epoch(const Node& node, Epoch epoch) const;

  void write_something();
  void change_voters();
  void cut_something();
  void crash_something();

  void check(Node& node);
  void check_vote(const Node& node, const Ballot& ballot);
  void violated(const std::string& what) { violations_.push_back(what); }

  Random random_;
  Bugs bugs_;
  Faults faults_;
  bool rough_ = false;
  Instant now_;
  std::multimap<Instant, Act> queue_;
  std::map<NodeId, Node> nodes_;
  VoterSet first_voters_;
  std::map<std::pair<NodeId, NodeId>, bool> cut_;
  std::int64_t values_ = 0;
  int voter_changes_ = 0;

  std::map<Epoch, NodeId> leaders_;
  std::map<std::pair<NodeId, Epoch>, ReplicaKey> votes_;
  std::map<std::pair<Epoch, std::size_t>, std::int64_t> written_;
  std::vector<Record> committed_;
  std::vector<std::string> violations_;
};

}  // namespace trialog::quorum::test
