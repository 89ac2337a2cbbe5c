#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/client/connection_pool.h"
#include "core/log/log_directory.h"
#include "core/replication/replica_host.h"
#include "sim/datacenter.h"
#include "sim/lone_node.h"
#include "tests/unit/replication/replica_server.h"

namespace trialog::replication::test {

class ReplicaStory;

/// One broker without clients: its log directory, its replicas, its links to the others. Applies
/// the images that the story gives it, in order.
class ReplicaNode : public sim::Process, public IsrChannel {
 public:
  ReplicaNode(Env env, ReplicaStory& story, int id);
  ~ReplicaNode() override;

  ReplicaHost& replicas() { return *replicas_; }
  ReplicaServer& server() { return *server_; }
  bool ready() const { return server_ != nullptr; }
  void hear(std::shared_ptr<const metadata::Image> image);
  Task<Result<protocol::AlterPartitionResponse>> alter_partition(
      protocol::AlterPartitionRequest request) override;

 private:
  Task<void> run();

  Env env_;
  ReplicaStory& story_;
  int id_;
  client::ConnectionOptions client_options_;
  Signal news_;
  std::unique_ptr<log::LogDirectory> directory_;
  std::unique_ptr<client::ConnectionPool> peers_;
  std::unique_ptr<ReplicaHost> replicas_;
  std::unique_ptr<ReplicaServer> server_;
  std::vector<std::shared_ptr<const metadata::Image>> images_;
  Signal image_came_;
  TaskGroup tasks_;
};

/// Simulated brokers 1, 2 ... and, in the test's hand, what the controller says. Verbs take node
/// ids; there is one topic, "orders", with one partition.
class ReplicaStory {
 public:
  explicit ReplicaStory(std::uint64_t seed, int nodes = 3, metadata::Settings broker = {});

  void creates(std::vector<int> replicas, std::vector<int> isr = {}, int leader = 0);
  void elects(int leader, std::vector<int> isr);
  void assigns(std::vector<int> replicas, std::vector<int> adding = {});
  /// Whether the controller says yes to proposals of in-sync sets, and what it was asked for last.
  bool agrees = true;
  std::vector<int> proposed;

  void crashes(int id);
  void restarts(int id);
  void cut_off(int id) { datacenter_.fabric().isolate(machine(id).name()); }
  void heals() { datacenter_.fabric().heal_all(); }
  void passes(Duration duration) { world().run_for(duration); }
  /// Tells the nodes what the controller says now; all of them if none is named.
  void tells(std::vector<int> ids = {});

  /// Appends so many records to a node's log, which leads; the end behind them.
  Offset appends(int id, int records = 1);
  /// Whether all these have, and know to be committed, what lies before `end`, in time.
  bool commits(std::vector<int> ids, Offset end, Duration within = seconds(30));
  bool waits_until(std::function<bool()> done, Duration within = seconds(30));
  /// The records of a node's log, all of it.
  std::vector<std::string> records(int id);
  Offset end(int id) { return replica(id)->log->end(); }
  Offset watermark(int id) { return replica(id)->high_watermark(); }

  std::shared_ptr<Replica> replica(int id) { return node(id).replicas().find("orders", 0); }
  ReplicaNode& node(int id);
  sim::Machine& machine(int id) { return datacenter_.machine("node" + std::to_string(id)); }
  sim::World& world() { return datacenter_.world(); }
  Env& env(int id) { return machine(id).env(); }
  template <class T>
  T run(int id, Task<T> task) {
    auto result = sim::run_for_result(world(), env(id), std::move(task));
    CHECK(result.has_value());
    return std::move(*result);
  }
  Bugs bugs;
  ReplicaOptions options;
  metadata::Settings broker_settings;
  node::Options node_options;

  // For the nodes.
  std::shared_ptr<const metadata::Image> image() const { return image_; }
  std::int64_t registers(int id);
  protocol::AlterPartitionResponse decides(const protocol::AlterPartitionRequest& request);

 private:
  void change(const metadata::Record& record);
  void starts(int id);
  bool up(int id) { return machine(id).running(); }
  const metadata::Partition& partition() const { return *image_->partition("orders", 0); }

  sim::Datacenter datacenter_;
  int nodes_;
  Uuid topic_;
  int values_ = 0;
  std::shared_ptr<const metadata::Image> image_;
};

}  // namespace trialog::replication::test
