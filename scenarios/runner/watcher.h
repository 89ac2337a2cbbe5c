#pragma once

#include <map>
#include <memory>

#include "scenarios/runner/checks/inspector.h"
#include "scenarios/runner/log_reader.h"
#include "scenarios/runner/loss_budget.h"
#include "scenarios/runner/sim_cluster.h"
#include "sim/recorder.h"

namespace trialog::scenarios {

/// Shows the nodes of a simulated cluster to the inspector after every turn of theirs, and keeps
/// the account of what was lost. Hands every event on to `next`.
class Watcher : public sim::Recorder {
 public:
  /// `next` may be null. Neither is owned. `page_cache`: what is not synced counts as kept.
  Watcher(SimCluster& cluster, sim::Recorder* next, bool page_cache);
  ~Watcher() override;

  void on_event(const sim::Happened& event) override;
  /// Tells what changed of a partition as soon as any node shows it. Null for nobody.
  using Tell = std::function<void(const sim::Note&)>;
  void tell(Tell tell) { tell_ = std::move(tell); }
  /// Hears at which machine something has just changed that is worth disturbing: a role in the
  /// quorum, a leader, an in-sync set. Null for nobody.
  using Stirred = std::function<void(const std::string& machine)>;
  void on_change(Stirred stirred) { stirred_ = std::move(stirred); }
  /// Hears who has just voted for another member of the quorum. Null for nobody.
  void on_vote(Stirred voted) { voted_ = std::move(voted); }
  /// What happened since the last event counts, too.
  void catch_up();
  Inspector& inspector() { return inspector_; }
  const LossBudget& losses() const { return losses_; }

 private:
  class View;
  void look(sim::NodeIndex node);
  void ended(sim::NodeIndex node, LossBudget::End how);
  void tell_changes(sim::NodeIndex node, const metadata::Image* before);
  void stir(const metadata::Image* before);
  void stir(NodeId node);

  SimCluster& cluster_;
  sim::Recorder* next_;
  Inspector inspector_;
  LossBudget losses_;
  bool page_cache_;
  std::map<sim::NodeIndex, std::unique_ptr<View>> views_;
  sim::NodeIndex turned_ = sim::nowhere;
  Tell tell_;
  Stirred stirred_;
  Stirred voted_;
};

}  // namespace trialog::scenarios
