#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/metadata/batches.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

using Asked = protocol::AlterPartitionReassignmentsRequest::ReassignablePartition;
using Listed = protocol::ListPartitionReassignmentsResponse;

bool holds(const Replicas& replicas, NodeId id) {
  return std::ranges::find(replicas, id) != replicas.end();
}

Replicas without(const Replicas& replicas, const Replicas& others) {
  Replicas result;
  std::ranges::copy_if(replicas, std::back_inserter(result),
                       [&others](NodeId id) { return !holds(others, id); });
  return result;
}

bool is_reassigned(const Partition& partition) {
  return !partition.adding.empty() || !partition.removing.empty();
}

std::vector<std::int32_t> numbers(const Replicas& replicas) {
  std::vector<std::int32_t> result;
  for (const auto id : replicas) result.push_back(id.value);
  return result;
}

/// The answers of one topic stand together.
auto& place_for(const std::string& topic, std::vector<Listed::OngoingTopicReassignment>& topics) {
  if (topics.empty() || topics.back().name != topic) topics.emplace_back().name = topic;
  return topics.back().partitions.emplace_back();
}

void list(const std::string& topic, std::int32_t index, const Partition& partition,
          std::vector<Listed::OngoingTopicReassignment>& topics) {
  if (!is_reassigned(partition)) return;
  auto& entry = place_for(topic, topics);
  entry.partition_index = index;
  entry.replicas = numbers(partition.replicas);
  entry.adding_replicas = numbers(partition.adding);
  entry.removing_replicas = numbers(partition.removing);
}

}  // namespace

Refusal Controller::revert(const std::string& name, const Partition& partition,
                           PartitionAim& aim) const {
  if (!is_reassigned(partition)) {
    return {ErrorCode::no_reassignment_in_progress, "No partition reassignment is in progress."};
  }
  aim.replicas = without(partition.replicas, partition.adding);
  aim.isr = without(partition.isr, partition.adding);
  aim.adding.emplace();
  aim.removing.emplace();
  const auto eligible = without(partition.eligible, partition.adding);
  const bool had = !partition.isr.empty() || !partition.eligible.empty();
  if (!had || !aim.isr->empty() || !eligible.empty()) return {};
  if (aim.election != Election::unclean) {
    return {ErrorCode::invalid_replica_assignment,
            fmt::format("Unable to revert partition assignment for {} because it would require an "
                        "unclean leader election.",
                        name)};
  }
  // None of those that stay has all records: the first of them begins anew.
  aim.isr = {aim.replicas->front()};
  aim.recovering = true;
  return {};
}

Refusal Controller::reassign(const Partition& partition, const Asked& asked, bool keeps_factor,
                             PartitionAim& aim) const {
  auto problem = assignment_problem(image_, *asked.replicas, 0);
  if (!problem.empty()) return {ErrorCode::invalid_replica_assignment, std::move(problem)};
  Replicas target;
  for (const auto id : *asked.replicas) target.emplace_back(id);
  const auto factor = without(partition.replicas, partition.adding).size();
  if (keeps_factor && target.size() != factor) {
    return {ErrorCode::invalid_replication_factor,
            fmt::format("The replication factor is changed from {} to {}", factor, target.size())};
  }
  aim.adding = without(target, partition.replicas);
  aim.removing = without(partition.replicas, target);
  // Those that were being added before and are wanted still have to come.
  for (const auto id : target) {
    if (holds(partition.adding, id)) aim.adding->push_back(id);
  }
  aim.replicas = target;
  aim.replicas->insert(aim.replicas->end(), aim.removing->begin(), aim.removing->end());
  return {};
}

Refusal Controller::reassign_one(const std::string& name, const Asked& asked, bool keeps_factor,
                                 std::vector<Record>& records) const {
  const auto topic = image_.topic(name);
  if (!topic) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("Unable to find a topic named {}.", name)};
  }
  const auto* partition = topic->partition(asked.partition_index);
  if (!partition) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("Unable to find partition {}:{}.", name, asked.partition_index)};
  }
  DirectoryLoad load(image_, index_);
  auto aim = aim_for(*topic, load);
  aim.available = [this, partition](NodeId id) { return is_available(*partition, id); };
  auto refusal = asked.replicas
                     ? reassign(*partition, asked, keeps_factor, aim)
                     : revert(fmt::format("{}:{}", name, asked.partition_index), *partition, aim);
  if (refusal.code != ErrorCode::none) return refusal;
  auto record = change_partition(topic->id, asked.partition_index, *partition, aim);
  if (record) records.emplace_back(std::move(*record));
  return {};
}

Controller::Decision Controller::alter_partition_reassignments(
    Instant, Ticket ticket, const protocol::AlterPartitionReassignmentsRequest& request) {
  Decision decision;
  protocol::AlterPartitionReassignmentsResponse response;
  response.error_message = std::nullopt;
  std::set<std::pair<std::string_view, std::int32_t>> seen;
  for (const auto& topic : request.topics) {
    auto& result = response.responses.emplace_back();
    result.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto refusal =
          seen.insert({topic.name, asked.partition_index}).second
              ? reassign_one(topic.name, asked, !request.allow_replication_factor_change,
                             decision.records)
              : Refusal{ErrorCode::invalid_request, "The partition is named more than once."};
      auto& answer = result.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.error_code = refusal.code;
      answer.error_message = std::move(refusal.text);
    }
  }
  bracket(decision.records);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

Controller::Decision Controller::list_partition_reassignments(
    Instant, Ticket ticket, const protocol::ListPartitionReassignmentsRequest& request) {
  Listed response;
  response.error_message = std::nullopt;
  if (!request.topics) {
    for (const auto& key : index_.reassigned()) {
      const auto topic = image_.topic(key.topic);
      list(topic->name, key.index, *topic->partition(key.index), response.topics);
    }
  } else {
    for (const auto& asked : *request.topics) {
      const auto topic = image_.topic(asked.name);
      if (!topic) continue;
      for (const auto index : asked.partition_indexes) {
        if (const auto* partition = topic->partition(index)) {
          list(asked.name, index, *partition, response.topics);
        }
      }
    }
  }
  return answer(ticket, std::move(response));
}

}  // namespace trialog::metadata
