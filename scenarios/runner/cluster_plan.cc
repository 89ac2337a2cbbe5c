#include "scenarios/runner/cluster_plan.h"

#include <fmt/format.h>

namespace trialog::scenarios {
namespace {

constexpr int first_controller_id = 101;
/// Any id would do, if only all members have the same.
constexpr auto cluster_id = "simulated-cluster-000w";

std::vector<MemberPlan> places(const ClusterPlan& plan) {
  std::vector<MemberPlan> members;
  for (int i = 1; i <= plan.brokers; ++i) {
    members.push_back({NodeId(i), std::to_string(i), fmt::format("broker{}", i), true, {}});
  }
  for (int i = 0; i < plan.controllers; ++i) {
    const auto name = fmt::format("ctl{}", i + 1);
    members.push_back({NodeId(first_controller_id + i), name, name, false, {}});
  }
  return members;
}

std::string voters(const ClusterPlan& plan, const std::vector<MemberPlan>& members) {
  std::string text;
  for (const auto& member : members) {
    if (plan.controllers > 0 && member.is_broker) continue;
    if (!text.empty()) text += ",";
    text += fmt::format("{}@{}:{}", member.id.value, member.host, controller_port);
  }
  return text;
}

/// Sizes of a cluster, unless the scenario says otherwise.
void add_sizes(const ClusterPlan& plan, metadata::Settings& settings) {
  const auto replicas = std::to_string(plan.replicas());
  const auto in_sync = plan.replicas() >= 3 ? "2" : "1";
  settings.emplace("default.replication.factor", replicas);
  settings.emplace("min.insync.replicas", in_sync);
  settings.emplace("offsets.topic.replication.factor", replicas);
  settings.emplace("transaction.state.log.replication.factor", replicas);
  settings.emplace("transaction.state.log.min.isr", in_sync);
}

void add_roles(const ClusterPlan& plan, const MemberPlan& member, metadata::Settings& settings) {
  const auto clients = fmt::format("PLAINTEXT://{}:{}", member.host, client_port);
  const auto controllers = fmt::format("CONTROLLER://{}:{}", member.host, controller_port);
  const bool combined = plan.controllers == 0;
  settings["process.roles"] = combined           ? "broker,controller"
                              : member.is_broker ? "broker"
                                                 : "controller";
  settings["listeners"] = combined           ? clients + "," + controllers
                          : member.is_broker ? clients
                                             : controllers;
  settings["controller.listener.names"] = "CONTROLLER";
  settings["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
  if (member.is_broker) settings["inter.broker.listener.name"] = "PLAINTEXT";
  settings["cluster.id"] = cluster_id;
}

}  // namespace

std::vector<MemberPlan> ClusterPlan::members() const {
  auto members = places(*this);
  const auto who_votes = voters(*this, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto& member = members[i];
    member.settings = settings;
    member.settings["node.id"] = std::to_string(member.id.value);
    member.settings["log.dirs"] = "/data";
    if (member.is_broker && !racks.empty()) {
      member.settings["broker.rack"] = racks[i % racks.size()];
    }
    if (is_alone()) {
      member.settings["listeners"] = fmt::format("PLAINTEXT://{}:{}", member.host, client_port);
      continue;
    }
    add_roles(*this, member, member.settings);
    add_sizes(*this, member.settings);
    member.settings["controller.quorum.voters"] = who_votes;
  }
  return members;
}

}  // namespace trialog::scenarios
