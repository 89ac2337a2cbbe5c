#include "scenarios/runner/loss_budget.h"

#include <algorithm>

namespace trialog::scenarios {
namespace {

bool contains(const std::vector<NodeId>& list, NodeId id) {
  return std::ranges::find(list, id) != list.end();
}

/// Visits every partition with its name.
template <class Visit>
void each_partition(const metadata::Image& image, Visit visit) {
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      visit(TopicPartition(name, index), partition);
    }
  }
}

}  // namespace

std::set<TopicPartition> LossBudget::too_much(NodeId node, End how, const ImagePtr& image) const {
  std::set<TopicPartition> partitions;
  if (image == nullptr) return partitions;
  each_partition(*image, [&](TopicPartition name, const metadata::Partition& partition) {
    auto holders = partition.isr;
    holders.insert(holders.end(), partition.eligible.begin(), partition.eligible.end());
    if (!contains(holders, node)) return;
    bool one_left = false;
    bool power_lost = how == End::power_lost;
    for (const auto id : holders) {
      const auto other = ended_.find(id);
      if (id == node) continue;
      one_left |= other == ended_.end();
      power_lost |= other != ended_.end() && other->second.how == End::power_lost;
    }
    if (!one_left && power_lost) partitions.insert(std::move(name));
  });
  return partitions;
}

bool LossBudget::may_end(NodeId node, End how, const ImagePtr& image) const {
  return too_much(node, how, image).empty();
}

std::set<TopicPartition> LossBudget::ended(NodeId node, End how, const ImagePtr& image) {
  auto partitions = too_much(node, how, image);
  beyond_.insert(partitions.begin(), partitions.end());
  const auto* broker = image == nullptr ? nullptr : image->broker(node);
  const auto known = ended_.find(node);
  const bool lost =
      how == End::power_lost || (known != ended_.end() && known->second.how == End::power_lost);
  ended_[node] = {lost ? End::power_lost : End::killed, broker == nullptr ? -1 : broker->epoch};
  return partitions;
}

void LossBudget::saw(const metadata::Image& image) {
  std::erase_if(ended_, [&](const auto& entry) {
    const auto* broker = image.broker(entry.first);
    if (broker == nullptr || broker->fenced || broker->epoch <= entry.second.broker_epoch) {
      return false;
    }
    bool whole = true;
    each_partition(image, [&](const TopicPartition&, const metadata::Partition& partition) {
      whole &= !contains(partition.replicas, entry.first) || contains(partition.isr, entry.first);
    });
    return whole;
  });
}

}  // namespace trialog::scenarios
