#include "scenarios/runner/checks/prefix.h"

#include <fmt/format.h>

#include <algorithm>

namespace trialog::scenarios {
namespace {

std::string text_of(const BatchView& batch) {
  return fmt::format("[{}, {}) of epoch {} ({:016x})", batch.base.value, batch.end.value,
                     batch.epoch.value, batch.digest);
}

}  // namespace

void CommittedPrefix::differs(const char* anomaly, NodeId node, const TopicPartition& partition,
                              const BatchView& batch, const BatchView& other) {
  found_.push_back(
      {anomaly, fmt::format("{} of node {} holds {}, elsewhere it was {}", partition.text(),
                            node.value, text_of(batch), text_of(other))});
}

void CommittedPrefix::appended(NodeId node, const TopicPartition& partition,
                               const BatchView& batch) {
  auto& log = logs_[partition];
  const auto [known, fresh] = log.seen.try_emplace({batch.epoch, batch.base}, batch);
  if (!fresh && known->second != batch) {
    differs("epoch-offset-twice", node, partition, batch, known->second);
  }
}

void CommittedPrefix::committed(NodeId node, const TopicPartition& partition, Epoch epoch,
                                const BatchView& batch) {
  if (excused(partition)) return;
  auto& log = logs_[partition].committed;
  const auto known = log.find(batch.base);
  if (known != log.end()) {
    if (known->second != batch) differs("committed-prefix", node, partition, batch, known->second);
    return;
  }
  // A log may begin behind all that is known; but no two batches overlap.
  const auto next = log.upper_bound(batch.base);
  const bool cuts_next = next != log.end() && next->second.base < batch.end;
  const bool cut_by_last = next != log.begin() && std::prev(next)->second.end > batch.base;
  if (cuts_next) return differs("committed-prefix", node, partition, batch, next->second);
  if (cut_by_last) {
    return differs("committed-prefix", node, partition, batch, std::prev(next)->second);
  }
  log.emplace(batch.base, batch);
  extend(logs_[partition], partition, epoch, batch);
}

void CommittedPrefix::extend(Log& log, const TopicPartition& partition, Epoch epoch,
                             const BatchView& batch) {
  auto& end = log.committed_in[epoch];
  end = std::max(end, batch.end);
  for (auto later = log.elected.upper_bound(epoch); later != log.elected.end(); ++later) {
    const auto [leader, had] = later->second;
    if (had < batch.end) incomplete(partition, later->first, leader, had, epoch, batch.end);
  }
}

void CommittedPrefix::elected(NodeId node, const TopicPartition& partition, Epoch epoch,
                              Offset end) {
  if (excused(partition)) return;
  auto& log = logs_[partition];
  log.elected.try_emplace(epoch, node, end);
  for (const auto& [earlier, committed] : log.committed_in) {
    if (earlier >= epoch || committed <= end) continue;
    return incomplete(partition, epoch, node, end, earlier, committed);
  }
}

void CommittedPrefix::incomplete(const TopicPartition& partition, Epoch epoch, NodeId leader,
                                 Offset end, Epoch committed_in, Offset committed) {
  found_.push_back({"leader-incomplete",
                    fmt::format("{}: node {} leads epoch {} with a log up to {}, but in epoch {} "
                                "it was committed up to {}",
                                partition.text(), leader.value, epoch.value, end.value,
                                committed_in.value, committed.value)});
}

Offset CommittedPrefix::committed_end(const TopicPartition& partition) const {
  const auto found = logs_.find(partition);
  if (found == logs_.end() || found->second.committed.empty()) return Offset(0);
  return found->second.committed.rbegin()->second.end;
}

}  // namespace trialog::scenarios
