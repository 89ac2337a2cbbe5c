#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/partition/replica.h"

namespace trialog::partition::model {

/// A record: what the leader of `epoch` was given.
struct Record {
  Epoch epoch;
  int value = 0;
  friend bool operator==(const Record&, const Record&) = default;
};

/// A log in memory: its records, which of them are kept, and where each epoch begins.
class Log {
 public:
  Offset end() const { return Offset(static_cast<std::int64_t>(records_.size())); }
  Offset kept() const { return kept_; }
  LogEnd ends() const { return {end(), kept_}; }
  const Record& at(std::size_t offset) const { return records_.at(offset); }
  Epoch latest() const { return epochs_.empty() ? no_epoch : epochs_.back().epoch; }

  void append(Record record);
  void begin(Epoch epoch);
  void keep() { kept_ = end(); }
  void cut(Offset end);
  EpochEnd end_of(Epoch epoch) const;

 private:
  struct Beginning {
    Epoch epoch;
    Offset start;
  };
  std::vector<Record> records_;
  std::vector<Beginning> epochs_;
  Offset kept_{0};
};

/// What the controller says, as one node may have heard it.
struct Image {
  Assignment assignment;
  std::map<NodeId, std::int64_t> broker_epochs;
  std::set<NodeId> available;
  std::set<NodeId> eligible;  // KIP-966.
};

struct Options {
  int nodes = 3;
  std::size_t min_isr = 2;
  /// What is written counts, and a crash may lose it; else what is synced counts.
  bool page_cache = false;
  Bugs bugs;
};

/// Some replicas of one partition, a controller and a client, all in one loop without any shell:
/// messages are lost and late, nodes crash and lose what is not kept, and hear late of elections.
class Cluster {
 public:
  Cluster(Options options, std::uint64_t seed);

  /// Lets something happen.
  void step();
  /// Heals everything and lets all of it become quiet; then every replica must have everything.
  void settle();
  /// The first promise that was broken; empty so far.
  const std::string& violation() const { return violation_; }
  int acknowledged() const { return static_cast<int>(acknowledged_.size()); }
  int elections() const { return image_.assignment.leader_epoch.value; }

 private:
  enum class Action {
    produce,
    sync,
    begin_fetch,
    deliver_fetch,
    deliver_answer,
    deliver_proposal,
    lose,
    learn,
    wait,
    crash,
    restart,
    fence,
    unfence,
    move_leader,
    count,
  };
  static constexpr auto weights = static_cast<std::size_t>(Action::count);
  struct Fetch {
    int number = 0;
    NodeId to;
    FollowerFetch about;
    Epoch last_epoch;
  };
  struct Answer {
    int number = 0;
    NodeId to;
    Epoch epoch;
    ErrorCode error = ErrorCode::none;
    Offset watermark;
    Offset leader_end;
    std::optional<EpochEnd> diverging;
    Offset position;
    std::vector<Record> records;
  };
  struct Asked {
    NodeId from;
    std::int64_t broker_epoch = -1;
    Proposal proposal;
    std::optional<IsrAnswer> answer;  // Once the controller has decided.
  };
  struct Node {
    NodeId id;
    bool up = true;
    std::uint32_t laziness = 0;  // Per million of the fetches that it does not begin.
    std::int64_t broker_epoch = 0;
    Log log;
    std::unique_ptr<Replica> replica;
    Image image;
    Offset checkpoint{0};
    int fetch_number = 0;  // Of the one that is under way; 0 if none is.
  };
  struct Sent {
    NodeId node;
    std::int64_t broker_epoch = 0;
    Offset at;
    Record record;
  };

  Node& node(NodeId id) { return nodes_.at(static_cast<std::size_t>(id.value)); }
  Node& any_node() { return nodes_.at(random_.below(nodes_.size())); }
  void broken(std::string what);

  void open();
  void happen(Action action, Node& some);
  void produce(Node& node);
  void acknowledge();
  void sync(Node& node);
  void begin_fetch(Node& node);
  void deliver_fetch();
  Answer answer(Node& leader, const Fetch& fetch);
  void deliver_answer();
  void take(Node& node, const Answer& answer);
  void deliver_proposal();
  void lose_something();
  void learn(Node& node);
  void crash(Node& node);
  void restart(Node& node);
  void carry_out(Node& node, const Effects& effects);

  IsrAnswer decide(const Asked& asked);
  IsrAnswer objection(const Asked& asked) const;
  void fence(NodeId id);
  void unfence(NodeId id);
  void move_leader(NodeId id);
  void set_isr(std::set<NodeId> isr, std::set<NodeId> unclean);
  void elect(bool anew);

  std::optional<NodeId> laggard() const;
  void check();
  void check_pair(const Node& a, const Node& b);

  Options options_;
  Random random_;
  std::array<std::uint64_t, weights> weights_{};
  std::uint64_t total_weight_ = 0;
  Instant now_{};
  std::vector<Node> nodes_;
  Image image_;
  std::int64_t next_broker_epoch_ = 1;
  int next_value_ = 1;
  int next_fetch_ = 1;
  std::vector<Fetch> fetches_;
  std::vector<Answer> answers_;
  std::vector<Asked> proposals_;
  std::vector<Sent> sent_;
  std::map<std::pair<Epoch, Offset>, int> named_;
  std::map<Offset, Record> acknowledged_;
  Epoch leader_checked_ = no_epoch;
  std::size_t acknowledged_checked_ = 0;
  int next_check_ = 0;
  int leader_falls_in_ = 0;
  std::string violation_;
};

}  // namespace trialog::partition::model
