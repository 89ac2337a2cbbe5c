#pragma once

#include <memory>
#include <string>

#include "core/base/bugs.h"
#include "core/metadata/config_table.h"
#include "scenarios/runner/history.h"
#include "scenarios/runner/processes.h"
#include "sim/datacenter.h"

namespace trialog::scenarios {

/// A broker and its clients in a simulated datacenter, as a scenario handles them: by deeds that
/// make sense in any state. Broker 1 is the machine "broker1"; all clients live on "client".
class SimCluster {
 public:
  SimCluster(std::uint64_t seed, metadata::Settings settings, Bugs planted, History& history);

  sim::Datacenter& datacenter() { return datacenter_; }
  sim::World& world() { return datacenter_.world(); }
  sim::Machine& broker() { return *broker_; }
  /// Null while the broker is down.
  BrokerProcess* process() { return static_cast<BrokerProcess*>(broker_->process()); }
  ClientProcess& clients() { return *static_cast<ClientProcess*>(client_->process()); }

  /// What is wrong with the broker's settings; empty if nothing is.
  std::string settings_problem() const;
  /// Starts clients and broker.
  void boot();
  /// Nothing happens if it runs.
  void start_broker();
  /// The process ends at once; `power_loss` puts what was not synced at risk. Nothing happens if it
  /// is down.
  void end_broker(bool power_loss);
  /// Whether a clean stop came to its end within `limit`; the process is gone either way.
  bool stop_broker(Duration limit);
  /// Ends cuts, link and disk faults, and pauses.
  void heal();
  /// The part of `heal` that concerns the broker's disk.
  void heal_disk();

  /// Lets the world go on until `done`, at most for `limit`, in slices, starting the broker again
  /// where `keep_up` asks for that.
  bool run_until(const std::function<bool()>& done, Duration limit, bool keep_up);

  std::int64_t starts() const { return starts_; }
  bool lost_power() const { return lost_power_; }

 private:
  void exit_soon(std::int64_t life);

  metadata::Settings settings_;
  Bugs planted_;
  History& history_;
  sim::Datacenter datacenter_;
  sim::Machine* broker_;
  sim::Machine* client_;
  std::int64_t starts_ = 0;
  bool wanted_up_ = false;  // Whether a supervisor starts a broker that gave up.
  bool lost_power_ = false;
};

}  // namespace trialog::scenarios
