#include "scenarios/runner/checks/in_sync.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace trialog::scenarios {
namespace {

bool contains(const std::vector<NodeId>& list, NodeId id) {
  return std::ranges::find(list, id) != list.end();
}

std::string text_of(const std::vector<NodeId>& list) {
  std::vector<std::int32_t> ids;
  for (const auto id : list) ids.push_back(id.value);
  return fmt::format("[{}]", fmt::join(ids, ","));
}

}  // namespace

void InSyncRules::saw(const ImagePtr& image) {
  if (image == nullptr || (newest_ != nullptr && image->end() <= newest_->end())) return;
  for (const auto& [name, now] : image->topics()) {
    const auto before = newest_ == nullptr ? nullptr : newest_->topic(now->id);
    const bool same = before == now && newest_->brokers() == image->brokers();
    if (!same) topic(*image, *now);
  }
  newest_ = image;
}

void InSyncRules::topic(const metadata::Image& image, const metadata::Topic& topic) {
  const auto before = newest_ == nullptr ? nullptr : newest_->topic(topic.id);
  for (const auto& [index, now] : topic.partitions) {
    const TopicPartition name(topic.name, index);
    partition(image, name, now);
    const auto* was = before == nullptr ? nullptr : before->partition(index);
    if (was != nullptr) follows(name, *was, now);
  }
}

void InSyncRules::partition(const metadata::Image& image, const TopicPartition& name,
                            const metadata::Partition& now) {
  const bool led = now.leader != metadata::no_leader;
  if (led && !contains(now.isr, now.leader)) {
    report(name, fmt::format("the leader {} is not in the in-sync set {}", now.leader.value,
                             text_of(now.isr)));
  }
  for (const auto id : now.isr) {
    if (!contains(now.replicas, id)) {
      report(name, fmt::format("{} is in sync but no replica: {}", id.value, text_of(now.isr)));
    }
    if (std::ranges::count(now.isr, id) > 1) report(name, "in sync twice: " + text_of(now.isr));
    // The last one stays, so that it may come back as leader (SEMANTICS 5.3).
    if (!led && now.isr.size() == 1) continue;
    const auto* broker = image.broker(id);
    if (broker == nullptr || broker->fenced) {
      report(name, fmt::format("{} is in sync but {}: {}", id.value,
                               broker == nullptr ? "not registered" : "fenced", text_of(now.isr)));
    }
  }
  for (const auto id : now.eligible) {
    if (contains(now.isr, id)) report(name, fmt::format("{} is eligible and in sync", id.value));
    if (!contains(now.replicas, id))
      report(name, fmt::format("{} is eligible, no replica", id.value));
  }
  if (now.recovering) unclean_.insert(name);
}

void InSyncRules::follows(const TopicPartition& name, const metadata::Partition& before,
                          const metadata::Partition& now) {
  if (before == now) return;
  if (now.leader_epoch < before.leader_epoch) report(name, "the leader epoch fell");
  if (now.partition_epoch < before.partition_epoch) report(name, "the partition epoch fell");
  const bool dropped = std::ranges::any_of(before.replicas, [&](NodeId id) {
    return !contains(now.replicas, id) && !contains(before.adding, id);
  });
  const bool complete =
      std::ranges::all_of(now.replicas, [&](NodeId id) { return contains(now.isr, id); });
  if (dropped && !complete) {
    report(name, fmt::format("of the replicas {} only {} are left, and of those only {} in sync",
                             text_of(before.replicas), text_of(now.replicas), text_of(now.isr)));
  }
  if (now.leader != before.leader && now.leader != metadata::no_leader &&
      now.leader_epoch == before.leader_epoch) {
    report(name, fmt::format("the leader changed from {} to {} within epoch {}",
                             before.leader.value, now.leader.value, now.leader_epoch.value));
  }
}

void InSyncRules::report(const TopicPartition& name, std::string text) {
  found_.push_back({"in-sync-rules", name.text() + ": " + std::move(text)});
}

}  // namespace trialog::scenarios
