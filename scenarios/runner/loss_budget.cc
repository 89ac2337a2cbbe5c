#include "scenarios/runner/loss_budget.h"

#include <algorithm>

#include "core/metadata/config_table.h"

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

std::set<NodeId> LossBudget::holders(const TopicPartition& name,
                                     const metadata::Partition& partition) const {
  if (const auto known = holders_.find(name); known != holders_.end()) return known->second.nodes;
  return {partition.isr.begin(), partition.isr.end()};
}

void LossBudget::hold(const metadata::Image& image) {
  each_partition(image, [&](const TopicPartition& name, const metadata::Partition& partition) {
    const auto& settings = image.settings({metadata::ResourceType::topic, name.topic});
    const auto text = metadata::topic_value("min.insync.replicas", settings, {});
    const auto min_isr = metadata::integer_value(text.value_or("1")).value_or(1);
    const auto enough = std::min<std::size_t>(partition.replicas.size(), std::size_t(min_isr));
    auto& [epoch, nodes] = holders_[name];
    const bool missed_some = partition.partition_epoch > epoch + 1;
    if (partition.isr.size() >= enough || missed_some) nodes.clear();
    nodes.insert(partition.isr.begin(), partition.isr.end());
    if (missed_some) nodes.insert(partition.eligible.begin(), partition.eligible.end());
    std::erase_if(nodes, [&](NodeId id) { return !contains(partition.replicas, id); });
    epoch = partition.partition_epoch;
  });
}

std::set<TopicPartition> LossBudget::spent(const Ends& ends, const metadata::Image& image,
                                           std::optional<NodeId> of) const {
  std::set<TopicPartition> partitions;
  each_partition(image, [&](TopicPartition name, const metadata::Partition& partition) {
    const auto all = holders(name, partition);
    if (of && !all.contains(*of)) return;
    bool power_lost = false;
    for (const auto id : all) {
      const auto ended = ends.find(id);
      if (ended == ends.end()) return;
      power_lost |= ended->second.how == End::power_lost;
    }
    if (power_lost) partitions.insert(std::move(name));
  });
  return partitions;
}

LossBudget::Ends LossBudget::after(NodeId node, End how, const ImagePtr& image) const {
  auto ends = ended_;
  const auto* broker = image == nullptr ? nullptr : image->broker(node);
  auto& end = ends.try_emplace(node, Ended{how, -1}).first->second;
  if (how == End::power_lost) end.how = how;
  end.broker_epoch = broker == nullptr ? -1 : broker->epoch;
  return ends;
}

bool LossBudget::may_end(NodeId node, End how, const ImagePtr& image) const {
  return image == nullptr || spent(after(node, how, image), *image, node).empty();
}

std::set<TopicPartition> LossBudget::ended(NodeId node, End how, const ImagePtr& image) {
  ended_ = after(node, how, image);
  if (image == nullptr) return {};
  auto partitions = spent(ended_, *image, node);
  beyond_.insert(partitions.begin(), partitions.end());
  return partitions;
}

std::set<TopicPartition> LossBudget::saw(const metadata::Image& image) {
  hold(image);
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
  // An in-sync set that was decided before they ended, and told of only now.
  auto partitions = spent(ended_, image, std::nullopt);
  beyond_.insert(partitions.begin(), partitions.end());
  return partitions;
}

}  // namespace trialog::scenarios
