#include "scenarios/runner/checks/inspector.h"

#include <algorithm>
#include <iterator>

namespace trialog::scenarios {
namespace {

constexpr int told_of_each = 3;

}  // namespace

void Inspector::look(NodeView& node) {
  image(node);
  for (const auto& changed : node.changed_replicas()) replica(node, changed);
  quorum(node);
}

void Inspector::image(NodeView& node) {
  const auto shown = node.image();
  const auto before = in_sync_.newest();
  in_sync_.saw(shown);
  if (in_sync_.newest() == before) return;
  for (const auto& partition : unclean()) prefix_.excuse(partition);
  reign(*in_sync_.newest());
}

std::set<TopicPartition> Inspector::unclean() const {
  auto partitions = in_sync_.unclean();
  std::erase_if(partitions, [&](const TopicPartition& partition) {
    return !all_permitted_ && !permitted_.contains(partition);
  });
  return partitions;
}

void Inspector::reign(const metadata::Image& image) {
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      const TopicPartition key(name, index);
      auto& reigns = reigns_[key];
      if (!reigns.empty() && reigns.back().epoch >= partition.leader_epoch) continue;
      if (partition.leader == metadata::no_leader) continue;
      reigns.push_back({partition.leader, partition.leader_epoch});
      leaders_.leads(key, partition.leader_epoch, partition.leader);
    }
  }
}

void Inspector::replica(NodeView& node, const ReplicaView& replica) {
  auto& told = told_[{node.id(), replica.partition}];
  if (told.life != node.life()) {
    // What a process finds on its disk is told anew: it may have lost a tail.
    told = {node.life(), replica.start, no_epoch, {}};
  }
  appended(node, replica, told);
  committed(node, replica, told);
  if (replica.leads && replica.epoch != told.led) {
    told.led = replica.epoch;
    leaders_.leads(replica.partition, replica.epoch, node.id());
    leaders_.began(node.id(), replica);
    prefix_.elected(node.id(), replica.partition, replica.epoch, replica.log_end);
  }
  marks_.saw(node.id(), node.life(), replica, prefix_.excused(replica.partition));
}

void Inspector::appended(NodeView& node, const ReplicaView& replica, Told& told) {
  // A truncated log goes on with other batches.
  auto& open = told.uncommitted;
  while (!open.empty() && open.back().end > replica.end) open.pop_back();
  told.end = std::clamp(told.end, replica.start, std::max(replica.start, replica.end));
  if (told.end >= replica.end) return;
  for (const auto& batch : node.batches(replica.partition, told.end, replica.end)) {
    if (batch.base < told.end) continue;
    prefix_.appended(node.id(), replica.partition, batch);
    open.push_back(batch);
  }
  told.end = replica.end;
}

void Inspector::committed(NodeView& node, const ReplicaView& replica, Told& told) {
  auto& open = told.uncommitted;
  while (!open.empty() && open.front().end <= replica.high_watermark) {
    prefix_.committed(node.id(), replica.partition, replica.epoch, open.front());
    if (!prefix_.excused(replica.partition)) {
      sequences_.committed(replica.partition, open.front());
    }
    open.pop_front();
  }
}

void Inspector::quorum(NodeView& node) {
  const auto view = node.quorum();
  if (view.leader.value >= 0) leaders_.quorum_leads(view.epoch, view.leader);
  if (view.voted_for) leaders_.voted(node.id(), view.epoch, *view.voted_for);
}

Violations Inspector::take() {
  Violations all;
  for (auto found :
       {prefix_.take(), sequences_.take(), leaders_.take(), marks_.take(), in_sync_.take()}) {
    std::ranges::move(found, std::back_inserter(all));
  }
  std::erase_if(all, [&](const Violation& v) { return ++count_[v.anomaly] > told_of_each; });
  return all;
}

std::vector<std::string> inside_properties() {
  return {"committed-prefix", "epoch-offset-twice",   "leader-incomplete",
          "two-leaders",      "epoch-not-recorded",   "two-quorum-leaders",
          "two-votes",        "watermark-fell",       "log-start-fell",
          "in-sync-rules",    "watermark-beyond-log", "sequence-broken"};
}

}  // namespace trialog::scenarios
