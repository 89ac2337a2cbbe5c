#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/client/admin.h"
#include "core/client/consumer.h"
#include "core/client/producer.h"
#include "core/node/node.h"
#include "sim/lone_node.h"

namespace trialog::node::test {

/// A node as a process of a simulated machine.
class NodeProcess : public sim::Process {
 public:
  NodeProcess(Env env, Options options);

  Node& node() { return node_; }
  bool serving() const { return serving_; }
  /// Why it did not start or gave up; empty if it did not.
  const std::string& trouble() const { return trouble_; }
  Task<void> stop();

 private:
  Task<void> live();

  Node node_;
  bool serving_ = false;
  std::string trouble_;
  TaskGroup tasks_;
};

/// Some brokers in combined mode, each on a machine of its own ("broker1" ...), and a client's
/// machine. Verbs step the world until they are done.
class ClusterStory {
 public:
  ClusterStory(std::uint64_t seed, int brokers, metadata::Settings settings = {});

  sim::World& world() { return datacenter_.world(); }
  sim::Fabric& fabric() { return datacenter_.fabric(); }
  sim::Machine& machine(int id) { return datacenter_.machine("broker" + std::to_string(id)); }
  Env& client() { return client_.env(); }
  int brokers() const { return brokers_; }
  std::vector<Endpoint> bootstrap() const;

  void boots(int id);
  void boots_all();
  void crashes(int id) { machine(id).crash(); }
  /// The process ends at once, its disk as it is.
  void dies(int id) { machine(id).stop(); }
  /// Asks the node to stop cleanly and waits for it.
  bool stops(int id, Duration limit = seconds(60));
  bool is_up(int id);
  NodeProcess& process(int id) { return static_cast<NodeProcess&>(*machine(id).process()); }
  Node& node(int id) { return process(id).node(); }

  /// Steps the world until `done` holds, at most for `limit`; whether it does.
  bool until(const std::function<bool()>& done, Duration limit = seconds(60));
  void passes(Duration time) { world().run_until(world().now() + time); }
  bool all_serving(Duration limit = seconds(60));
  /// The one node whose controller is active; 0 if there is none or more than one.
  int controller();

  template <class T>
  T run(Task<T> task, Duration limit = seconds(120)) {
    auto result = sim::run_for_result(world(), client(), std::move(task), limit);
    EXPECT_TRUE(result.has_value()) << "it takes too long";
    CHECK(result.has_value());
    return std::move(*result);
  }

  /// As the newest image of node `seen_by` has it.
  const metadata::Partition& partition(int seen_by, const std::string& topic, int index = 0);

 private:
  metadata::Settings settings_of(int id) const;

  int brokers_;
  metadata::Settings settings_;
  sim::Datacenter datacenter_;
  sim::Machine& client_;
};

client::ConnectionOptions connection_to(const ClusterStory& story);

}  // namespace trialog::node::test
