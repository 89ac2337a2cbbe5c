#include <algorithm>
#include <set>

#include "core/metadata/batches.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

using Request = protocol::AlterPartitionRequest;
using Asked = Request::PartitionData;
using Answer = protocol::AlterPartitionResponse::PartitionData;

struct Member {
  NodeId id;
  std::int64_t epoch = -1;  // -1 if its leader does not know.
};

/// The in-sync set as it is proposed, by version 2 or from 3 on.
std::vector<Member> members(const Asked& asked) {
  std::vector<Member> result;
  for (const auto& state : asked.new_isr_with_epochs) {
    result.push_back({NodeId(state.broker_id), state.broker_epoch});
  }
  for (const auto id : asked.new_isr) result.push_back({NodeId(id), -1});
  return result;
}

std::vector<NodeId> ids_of(const std::vector<Member>& members) {
  std::vector<NodeId> result;
  for (const auto& member : members) result.push_back(member.id);
  return result;
}

bool is_sane(const Partition& partition, const std::vector<NodeId>& isr) {
  const std::set<NodeId> once(isr.begin(), isr.end());
  const std::set<NodeId> replicas(partition.replicas.begin(), partition.replicas.end());
  return !isr.empty() && once.size() == isr.size() && once.contains(partition.leader) &&
         std::ranges::includes(replicas, once);
}

/// Nothing would change: an answer to it that was lost is given again.
bool is_in_force(const Partition& partition, const Asked& asked, std::vector<NodeId> isr) {
  auto now = partition.isr;
  std::ranges::sort(now);
  std::ranges::sort(isr);
  return now == isr && partition.recovering == (asked.leader_recovery_state == 1);
}

/// A replica that is fenced, about to go, or of another life than its leader saw: whoever came back
/// since may not have what that one had (KIP-841, KIP-903).
bool is_eligible(const Image& image, const Member& member) {
  const auto* broker = image.broker(member.id);
  return broker && broker->active() && (member.epoch == -1 || member.epoch == broker->epoch);
}

/// Kafka's checks in Kafka's order.
ErrorCode refusal(const Image& image, NodeId from, const Partition& partition, const Asked& asked) {
  const auto proposed = members(asked);
  const auto isr = ids_of(proposed);
  const Epoch epoch(asked.leader_epoch);
  // Somebody knows more than we do: we are no longer the controller (KAFKA-14154).
  if (epoch > partition.leader_epoch || asked.partition_epoch > partition.partition_epoch) {
    return ErrorCode::not_controller;
  }
  if (epoch < partition.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (from != partition.leader) return ErrorCode::invalid_request;
  if (asked.partition_epoch < partition.partition_epoch) {
    const bool done = is_in_force(partition, asked, isr);
    return done ? ErrorCode::none : ErrorCode::invalid_update_version;
  }
  if (!is_sane(partition, isr)) return ErrorCode::invalid_request;
  const bool recovering = asked.leader_recovery_state == 1;
  if (asked.leader_recovery_state != 0 && !recovering) return ErrorCode::invalid_request;
  if (recovering && isr.size() > 1) return ErrorCode::invalid_request;
  if (recovering && !partition.recovering) return ErrorCode::invalid_request;
  const bool eligible = std::ranges::all_of(
      proposed, [&image](const Member& member) { return is_eligible(image, member); });
  return eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

/// How the partition is once the record is applied.
void tell(const Partition& partition, const protocol::PartitionChangeRecord* change,
          Answer& answer) {
  answer.leader_id = partition.leader.value;
  answer.leader_epoch = partition.leader_epoch.value;
  answer.partition_epoch = partition.partition_epoch;
  answer.leader_recovery_state = partition.recovering ? 1 : 0;
  for (const auto id : partition.isr) answer.isr.push_back(id.value);
  if (!change) return;
  ++answer.partition_epoch;
  if (change->isr) answer.isr = *change->isr;
  if (change->leader_recovery_state != -1) {
    answer.leader_recovery_state = change->leader_recovery_state;
  }
  if (change->leader != -2) {
    answer.leader_id = change->leader;
    ++answer.leader_epoch;
  }
}

}  // namespace

void Controller::alter_one(NodeId from, const Topic& topic, const Asked& asked, Answer& answer,
                           std::vector<Record>& records) const {
  const auto* partition = topic.partition(asked.partition_index);
  answer.error_code =
      partition ? refusal(image_, from, *partition, asked) : ErrorCode::unknown_topic_or_partition;
  if (answer.error_code != ErrorCode::none) return;
  if (asked.partition_epoch < partition->partition_epoch) return tell(*partition, nullptr, answer);

  DirectoryLoad load(image_, index_);
  auto aim = aim_for(topic, load);
  aim.isr = ids_of(members(asked));
  aim.recovering = asked.leader_recovery_state == 1;
  aim.available = [this, partition](NodeId id) { return is_available(*partition, id); };
  // The same set in another order changes nothing.
  if (is_in_force(*partition, asked, *aim.isr)) aim.isr = partition->isr;
  const auto record = change_partition(topic.id, asked.partition_index, *partition, aim);
  if (record) records.emplace_back(*record);
  // The leader may not depose itself by this, but completing a reassignment may (KIP-841).
  if (record && record->leader != -2 && NodeId(record->leader) != from) {
    answer.error_code = ErrorCode::new_leader_elected;
    return;
  }
  tell(*partition, record ? &*record : nullptr, answer);
}

Controller::Decision Controller::alter_partition(Instant, Ticket ticket, const Request& request) {
  protocol::AlterPartitionResponse response;
  if (const auto error = epoch_error(request.broker_id, request.broker_epoch)) {
    response.error_code = ErrorCode::stale_broker_epoch;
    return answer(ticket, std::move(response));
  }
  Decision decision;
  std::set<PartitionKey> seen;
  for (const auto& topic : request.topics) {
    auto& result = response.topics.emplace_back();
    result.topic_id = topic.topic_id;
    const auto known = image_.topic(topic.topic_id);
    for (const auto& asked : topic.partitions) {
      auto& answer = result.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      if (!known) {
        answer.error_code = ErrorCode::unknown_topic_id;
      } else if (!seen.insert({topic.topic_id, asked.partition_index}).second) {
        answer.error_code = ErrorCode::invalid_request;  // Named twice.
      } else {
        alter_one(NodeId(request.broker_id), *known, asked, answer, decision.records);
      }
    }
  }
  bracket(decision.records);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
