#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bugs.h"
#include "scenarios/runner/cluster_plan.h"
#include "scenarios/runner/history.h"
#include "scenarios/runner/processes.h"
#include "sim/datacenter.h"

namespace trialog::scenarios {

/// Brokers, controllers and clients in a simulated datacenter, as a scenario handles them: by deeds
/// that make sense in any state. Broker 1 is the machine "broker1"; all clients live on "client".
class SimCluster {
 public:
  SimCluster(std::uint64_t seed, ClusterPlan plan, Bugs planted, History& history);

  /// One machine and what is to become of it. The address is good as long as the cluster.
  struct Member {
    MemberPlan plan;
    sim::Machine* machine = nullptr;
    std::int64_t starts = 0;
    bool wanted_up = false;   // Whether a supervisor starts a process that gave up.
    bool supervised = false;  // It is about to.

    /// Null while it is down.
    BrokerProcess* process() const { return static_cast<BrokerProcess*>(machine->process()); }
    /// Null unless it can be looked into, which is before it serves and until it stops.
    node::Node* node() const {
      return process() != nullptr && process()->node().is_assembled() ? &process()->node()
                                                                      : nullptr;
    }
    bool serves() const { return process() != nullptr && process()->serving(); }
  };

  sim::Datacenter& datacenter() { return datacenter_; }
  sim::World& world() { return datacenter_.world(); }
  const ClusterPlan& plan() const { return plan_; }
  std::deque<Member>& members() { return members_; }
  /// By the name that a scenario uses, by number, or by machine; null if there is none.
  Member* find(std::string_view name);
  Member* find(NodeId id);
  Member* at(sim::NodeIndex machine);
  ClientProcess& clients() { return *static_cast<ClientProcess*>(client_->process()); }

  /// What is wrong with the members' settings; empty if nothing is.
  std::string settings_problem() const;
  /// Whether its settings allow unclean elections of any topic.
  bool permits_unclean() const;
  /// Starts the clients and all members.
  void boot();
  /// Nothing happens if it runs.
  void start(Member& member);
  /// The process ends at once; `power_loss` puts what was not synced at risk. Nothing happens if it
  /// is down.
  void end(Member& member, bool power_loss);
  /// Whether a clean stop came to its end within `limit`; the process is gone either way.
  bool stop(Member& member, Duration limit);
  /// Ends cuts, link and disk faults, and pauses.
  void heal();
  /// The part of `heal` that concerns one disk.
  void heal_disk(Member& member);

  /// Lets the world go on until `done`, at most for `limit`, in slices, starting again what is down
  /// where `keep_up` asks for that.
  bool run_until(const std::function<bool()>& done, Duration limit, bool keep_up);

  /// The newest committed metadata that any member shows; null if none serves.
  std::shared_ptr<const metadata::Image> image();
  /// The one that leads the quorum, to its own knowledge; null if none does.
  Member* controller();
  /// Starts of brokers and controllers beyond the first of each.
  std::int64_t restarts() const;

 private:
  void exit_soon(Member& member, std::int64_t life);

  ClusterPlan plan_;
  History& history_;
  sim::Datacenter datacenter_;
  std::deque<Member> members_;
  sim::Machine* client_;
};

}  // namespace trialog::scenarios
