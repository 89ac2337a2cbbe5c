#include <algorithm>
#include <utility>

#include "tests/unit/partition/model.h"

namespace trialog::partition::model {
namespace {

IsrAnswer refused(ErrorCode error) {
  IsrAnswer answer;
  answer.error = error;
  return answer;
}

}  // namespace

/// SEMANTICS 6.5, as far as one partition can see it.
IsrAnswer Cluster::objection(const Asked& asked) const {
  const auto& now = image_.assignment;
  const auto& proposal = asked.proposal;
  if (asked.broker_epoch != image_.broker_epochs.at(asked.from)) {
    return refused(ErrorCode::stale_broker_epoch);
  }
  if (proposal.leader_epoch < now.leader_epoch) return refused(ErrorCode::fenced_leader_epoch);
  if (asked.from != now.leader) return refused(ErrorCode::invalid_request);
  if (proposal.partition_epoch < now.partition_epoch) {
    return refused(ErrorCode::invalid_update_version);
  }
  for (const auto& [id, broker_epoch] : proposal.isr) {
    const bool current = broker_epoch == -1 || broker_epoch == image_.broker_epochs.at(id);
    const bool ok = id == now.leader || (image_.available.contains(id) && current);
    if (!ok) return refused(ErrorCode::ineligible_replica);
  }
  return IsrAnswer();
}

IsrAnswer Cluster::decide(const Asked& asked) {
  auto answer = objection(asked);
  if (answer.error != ErrorCode::none) return answer;
  std::set<NodeId> isr;
  for (const auto& [id, broker_epoch] : asked.proposal.isr) isr.insert(id);
  set_isr(isr, {});
  answer.isr = image_.assignment.isr;
  answer.leader_epoch = image_.assignment.leader_epoch;
  answer.partition_epoch = image_.assignment.partition_epoch;
  return answer;
}

/// SEMANTICS 5.4: who was in sync when too few remained still has all that was committed.
void Cluster::set_isr(std::set<NodeId> isr, std::set<NodeId> unclean) {
  auto& now = image_.assignment;
  auto eligible = image_.eligible;
  eligible.insert(now.isr.begin(), now.isr.end());
  std::erase_if(eligible, [&](NodeId id) { return isr.contains(id) || unclean.contains(id); });
  if (isr.size() >= std::min(options_.min_isr, now.replicas.size())) eligible.clear();
  image_.eligible = std::move(eligible);
  now.isr = std::move(isr);
  ++now.partition_epoch;
}

/// The first in-sync replica that is there, else an eligible one, which then is the in-sync set.
/// `anew`: also if the present leader could go on.
void Cluster::elect(bool anew) {
  auto& now = image_.assignment;
  const auto usable = [&](NodeId id) {
    return now.isr.contains(id) || (now.isr.empty() && image_.eligible.contains(id));
  };
  const auto there = [&](NodeId id) { return image_.available.contains(id) && usable(id); };
  if (!anew && now.leader.value >= 0 && there(now.leader)) return;
  const auto chosen = std::ranges::find_if(now.replicas, there);
  now.leader = chosen == now.replicas.end() ? NodeId(-1) : *chosen;
  now.leader_epoch = now.leader_epoch.next();
  ++now.partition_epoch;
  if (now.leader.value >= 0 && now.isr.empty()) set_isr({now.leader}, {});
}

void Cluster::fence(NodeId id) {
  image_.available.erase(id);
  auto isr = image_.assignment.isr;
  if (isr.contains(id) && (options_.page_cache || isr.size() > 1)) {
    isr.erase(id);
    set_isr(std::move(isr), {});
  }
  elect(false);
}

void Cluster::unfence(NodeId id) {
  if (!node(id).up || image_.available.contains(id)) return;
  image_.available.insert(id);
  elect(image_.assignment.leader.value < 0);
}

/// Gives the leadership to an in-sync replica, as an election of the preferred one does.
void Cluster::move_leader(NodeId id) {
  auto& now = image_.assignment;
  if (now.leader.value < 0 || !image_.available.contains(id) || !now.isr.contains(id)) return;
  now.leader = id;
  now.leader_epoch = now.leader_epoch.next();
  ++now.partition_epoch;
}

}  // namespace trialog::partition::model
