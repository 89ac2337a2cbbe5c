#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log/log_directory.h"
#include "core/replication/metadata_quorum.h"
#include "sim/datacenter.h"
#include "sim/lone_node.h"
#include "tests/unit/replication/quorum_server.h"

namespace trialog::replication::test {

/// One node of a quorum without the rest of a broker: its log directory, its server, its part in
/// the quorum. Starts by itself.
class QuorumNode : public sim::Process {
 public:
  QuorumNode(Env env, QuorumOptions options);
  ~QuorumNode() override;

  bool ready() const { return started_ && started_->has_value(); }
  /// Why it did not start; empty if it did or still may.
  std::string trouble() const;
  MetadataQuorum& quorum() { return *quorum_; }
  log::PartitionLog& log() { return *quorum_->log(); }

 private:
  Task<void> start();
  Task<Status> load();

  Env env_;
  QuorumOptions options_;
  std::optional<Status> started_;
  std::unique_ptr<log::LogDirectory> directory_;
  std::unique_ptr<QuorumServer> server_;
  std::unique_ptr<MetadataQuorum> quorum_;
  TaskGroup tasks_;
};

/// Simulated machines "node1", "node2" ... that keep one metadata log. Verbs take node ids.
class QuorumStory {
 public:
  /// Whether all files list the voters, or the log does, formatted with them.
  enum class Voters { listed, recorded };

  QuorumStory(std::uint64_t seed, int voters, Voters how = Voters::listed);

  /// One more node, a controller that is no voter, or a broker.
  void joins(int id, bool controller = true);
  void crashes(int id);
  void restarts(int id);
  void stops(int id);
  void cut_off(int id);
  void heals() { datacenter_.fabric().heal_all(); }
  void passes(Duration duration) { world().run_for(duration); }
  /// Options as a node's file has them; take effect at its next start.
  QuorumOptions& options(int id) { return options_.at(id); }
  void plants(Bug bug);

  /// The leader that a majority knows of, waited for; 0 if there is none in time.
  int leader(Duration within = seconds(30));
  /// Appends a record to the leader's log; the end behind it.
  Offset appends(int id, const std::string& value);
  /// Whether all these have committed up to `end` in time.
  bool commits(std::vector<int> ids, Offset end, Duration within = seconds(30));
  /// Has a node write a snapshot of all that it has committed, with these values.
  quorum::SnapshotId writes_snapshot(int id, std::vector<std::string> values);
  /// Asks the leader for a change of the voters. Names of errors.
  std::string adds_voter(int id, Duration timeout = seconds(20));
  std::string removes_voter(int id);
  /// Files of a machine that is off.
  std::string reads(int id, const std::string& name);
  void writes(int id, const std::string& name, std::string_view contents);
  std::vector<std::string> files(int id);
  /// Appends to the leader and waits until those who are up have it.
  Offset does_some_work(int records = 1);
  /// The values of the records in [start, high watermark) of a node, control records left out.
  std::vector<std::string> committed(int id);

  bool ready(int id) { return up(id) && node(id).ready(); }
  QuorumNode& node(int id);
  MetadataQuorum& quorum(int id) { return node(id).quorum(); }
  sim::Machine& machine(int id) { return datacenter_.machine(name(id)); }
  sim::World& world() { return datacenter_.world(); }
  Env& env(int id) { return machine(id).env(); }
  Uuid directory(int id) const { return directories_.at(id); }
  quorum::Voter voter(int id) const;
  std::vector<int> everybody_up();
  /// Runs a task on a node to its end.
  template <class T>
  T run(int id, Task<T> task) {
    auto result = sim::run_for_result(world(), env(id), std::move(task));
    CHECK(result.has_value());
    return std::move(*result);
  }
  template <class Busy>
  bool waits_while(Busy busy, Duration within = seconds(30)) {
    return world().run_while(busy, world().now() + within);
  }
  /// What nodes said that contains `kind`.
  std::vector<std::string> notes(const std::string& kind) const;

 private:
  static std::string name(int id) { return "node" + std::to_string(id); }
  bool up(int id) { return machine(id).running(); }
  void starts(int id);
  void formats(int id, const quorum::VoterSet& voters);

  sim::Datacenter datacenter_;
  std::map<int, QuorumOptions> options_;
  std::map<int, Uuid> directories_;
  Bugs bugs_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

}  // namespace trialog::replication::test
