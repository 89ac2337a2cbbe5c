#include <algorithm>
#include <set>

#include "core/metadata/batches.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

/// The partition with one replica in another directory; no record if it is there.
std::expected<std::optional<protocol::PartitionChangeRecord>, ErrorCode> assigned(
    const Image& image, NodeId broker, const PartitionKey& key, const Uuid& directory) {
  const auto topic = image.topic(key.topic);
  if (!topic) return std::unexpected(ErrorCode::unknown_topic_id);
  const auto* partition = topic->partition(key.index);
  if (!partition) return std::unexpected(ErrorCode::unknown_topic_or_partition);
  const auto found = std::ranges::find(partition->replicas, broker);
  if (found == partition->replicas.end()) {
    return std::unexpected(ErrorCode::not_leader_or_follower);
  }
  const auto at = static_cast<std::size_t>(found - partition->replicas.begin());
  if (partition->directories[at] == directory) return std::nullopt;
  protocol::PartitionChangeRecord record;
  record.topic_id = key.topic;
  record.partition_id = key.index;
  record.directories = partition->directories;
  (*record.directories)[at] = directory;
  return record;
}

}  // namespace

Controller::Decision Controller::assign_replicas_to_dirs(
    Instant, Ticket ticket, const protocol::AssignReplicasToDirsRequest& request) {
  protocol::AssignReplicasToDirsResponse response;
  if (const auto error = epoch_error(request.broker_id, request.broker_epoch)) {
    response.error_code = ErrorCode::stale_broker_epoch;
    return answer(ticket, std::move(response));
  }
  Decision decision;
  std::set<PartitionKey> seen;
  for (const auto& directory : request.directories) {
    auto& into = response.directories.emplace_back();
    into.id = directory.id;
    for (const auto& topic : directory.topics) {
      auto& result = into.topics.emplace_back();
      result.topic_id = topic.topic_id;
      for (const auto& partition : topic.partitions) {
        auto& answer = result.partitions.emplace_back();
        answer.partition_index = partition.partition_index;
        const PartitionKey key{topic.topic_id, partition.partition_index};
        auto record = assigned(image_, NodeId(request.broker_id), key, directory.id);
        if (!record) {
          answer.error_code = record.error();
        } else if (!seen.insert(key).second) {
          answer.error_code = ErrorCode::invalid_request;  // One replica, two directories.
        } else if (*record) {
          decision.records.emplace_back(std::move(**record));
        }
      }
    }
  }
  bracket(decision.records);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
