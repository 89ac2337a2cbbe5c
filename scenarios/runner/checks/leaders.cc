#include "scenarios/runner/checks/leaders.h"

#include <fmt/format.h>

namespace trialog::scenarios {

void OneLeader::leads(const TopicPartition& partition, Epoch epoch, NodeId leader) {
  const auto [known, fresh] = leaders_.try_emplace({partition, epoch}, leader);
  if (fresh || known->second == leader) return;
  found_.push_back(
      {"two-leaders", fmt::format("epoch {} of {} is led by {} and by {}", epoch.value,
                                  partition.text(), known->second.value, leader.value)});
}

void OneLeader::began(NodeId node, const ReplicaView& replica) {
  if (replica.newest_epoch == replica.epoch) return;
  found_.push_back({"epoch-not-recorded",
                    fmt::format("{}: node {} leads epoch {}, but the newest in its log is {}",
                                replica.partition.text(), node.value, replica.epoch.value,
                                replica.newest_epoch.value)});
}

void OneLeader::quorum_leads(Epoch epoch, NodeId leader) {
  const auto [known, fresh] = quorum_leaders_.try_emplace(epoch, leader);
  if (fresh || known->second == leader) return;
  found_.push_back(
      {"two-quorum-leaders", fmt::format("epoch {} of the quorum is led by {} and by {}",
                                         epoch.value, known->second.value, leader.value)});
}

void OneLeader::voted(NodeId node, Epoch epoch, NodeId candidate) {
  const auto [known, fresh] = votes_.try_emplace({node, epoch}, candidate);
  if (fresh || known->second == candidate) return;
  found_.push_back(
      {"two-votes", fmt::format("node {} voted for {} and for {} in epoch {}", node.value,
                                known->second.value, candidate.value, epoch.value)});
}

}  // namespace trialog::scenarios
