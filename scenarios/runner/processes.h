#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/client/admin.h"
#include "core/node/node.h"
#include "scenarios/runner/meddler.h"
#include "scenarios/runner/workload.h"
#include "sim/machine.h"

namespace trialog::scenarios {

/// One broker as a process of a simulated machine. When it can't start or can't go on it says so
/// once, as a real process would by its exit.
class BrokerProcess : public sim::Process {
 public:
  /// `gave_up` is called from inside one of the node's tasks: it may only schedule.
  using GaveUp = std::function<void()>;

  BrokerProcess(Env env, node::Options options, GaveUp gave_up);

  /// Its node may be looked into: it has started, and has not begun to stop.
  bool serving() const { return serving_; }
  node::Node& node() { return node_; }
  /// Begins a clean stop; `stopped()` when it is over.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  Task<void> live();
  Task<void> end();
  void give_up(const IoError& error);

  Env env_;
  GaveUp gave_up_;
  bool serving_ = false;
  bool stopping_ = false;
  bool stopped_ = false;
  node::Node node_;
  TaskGroup tasks_;
};

/// All clients of a run, on one simulated machine.
class ClientProcess : public sim::Process {
 public:
  /// `bootstrap` names every broker.
  ClientProcess(Env env, std::vector<Endpoint> bootstrap, History& history);

  Workload& workload() { return workload_; }
  client::Admin& admin() { return admin_; }
  Env env() const { return env_; }
  Meddler& meddler() { return meddler_; }
  /// Runs `task` until it ends; `done` is raised to true then.
  void run(Task<void> task, bool& done);

 private:
  Env env_;
  Workload workload_;
  client::Admin admin_;
  Meddler meddler_;
  TaskGroup tasks_;
};

}  // namespace trialog::scenarios
