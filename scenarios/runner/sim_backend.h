#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "scenarios/runner/history.h"
#include "scenarios/runner/outcome.h"
#include "scenarios/runner/picture.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/sim_cluster.h"
#include "scenarios/runner/watcher.h"
#include "sim/chaos.h"
#include "sim/recorder.h"

namespace trialog::scenarios {

/// What is not in the scenario's file.
struct RunOptions {
  std::optional<std::uint64_t> seed;
  Bugs planted;
  /// Null for none. Not owned; hears every event of the run.
  sim::Recorder* recorder = nullptr;
  /// Null for none. Not owned; told what the clients did.
  Picture* picture = nullptr;
  /// Hears what the nodes say, from this level on.
  std::function<void(const sim::Note&)> heard;
  Level heard_from = Level::warn;
};

/// Runs one scenario in the simulator. A run is a function of the scenario, the seed and the build.
class SimBackend {
 public:
  SimBackend(const Scenario& scenario, RunOptions options);

  /// An error if the scenario asks for something that can't be.
  Parsed<Report> run();

 private:
  /// Work of a step that the story does not wait for.
  struct Work {
    std::string what;
    bool done = false;
  };

  Parsed<ClusterPlan> cluster_plan();
  Parsed<void> open_cluster();
  Parsed<void> carry_out(const Step& step);
  Parsed<void> topic(const Step& step);
  Parsed<void> produce(const Step& step);
  Parsed<void> consume(const Step& step);
  Parsed<void> process(const Step& step);
  Parsed<void> cut(const Step& step);
  Parsed<void> reset(const Step& step);
  Parsed<void> network(const Step& step);
  Parsed<void> disk(const Step& step);
  Parsed<void> clock(const Step& step);
  Parsed<void> chaos(const Step& step);
  Parsed<void> wait(const Step& step);
  Parsed<void> settle(const Step& step);
  Parsed<void> expect(const Step& step);
  Parsed<void> elect(const Step& step);
  Parsed<void> reassign(const Step& step);

  Parsed<ProduceOrder> produce_order(const Step& step) const;
  Parsed<ConsumeOrder> consume_order(const Step& step) const;
  Parsed<std::vector<TopicPartition>> partitions_named(const Step& step) const;
  Parsed<TopicPartition> partition_named(const Step& step, const Step::Word& word) const;
  Parsed<std::vector<NodeId>> nodes_named(const Step& step, const Step::Word& word) const;
  using Members = std::vector<SimCluster::Member*>;
  using Hosts = std::vector<std::string>;
  /// Whom a word such as "1", "2,3", "all", "leader(orders/0)" means now.
  Parsed<Members> members_named(const Step& step, const Step::Word& word);
  Parsed<Members> members_of(const Step& step, const Step::Word& word, const std::string& name);
  Parsed<Members> role(const Step& step, const Step::Word& word, const std::string& name);
  Parsed<Hosts> hosts_named(const Step& step, const Step::Word& word);
  /// Every pair of a host of the first word with one of the third, no host with itself.
  Parsed<std::vector<std::pair<std::string, std::string>>> pairs_named(const Step& step);
  sim::Chaos::Scope chaos_scope(bool may_lose);
  void meddle(const Step& step, Duration gap, Duration lasting);
  std::optional<std::int64_t> quantity(const std::string& name,
                                       const std::optional<TopicPartition>& partition);

  /// Gives the clients a task; waits for it unless the step is in the background.
  void work(const Step& step, Task<void> task, Duration limit);
  /// The end of chaos: faults end, all members are kept up, all work ends, every replica is in
  /// sync. Liveness if it does not come to that.
  void recover(Duration limit);
  /// What the cluster still lacks to be well; empty if nothing.
  std::string unwell();
  void final_read();
  void judge();
  void judge_inside();
  /// How the partitions' leaders changed, for the transcript.
  void tell_reigns();
  void stuck(const std::string& what, Duration limit);
  /// Draws what became of the records since the last step.
  void draw_clients(const Step& step);

  const Scenario& scenario_;
  RunOptions options_;
  Report report_;
  History history_;
  std::unique_ptr<SimCluster> cluster_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<sim::Chaos> chaos_;
  bool page_cache_ = false;
  std::map<std::string, std::int32_t> topics_;
  std::map<Outcome, std::size_t> drawn_;
  std::deque<Work> work_;  // Stable addresses: tasks report to them.
  std::deque<std::string> troubles_;
};

}  // namespace trialog::scenarios
