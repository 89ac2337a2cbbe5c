#include <fmt/format.h>

#include <set>

#include "core/metadata/batches.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

constexpr std::int8_t preferred_type = 0;
constexpr std::int8_t unclean_type = 1;

}  // namespace

Refusal Controller::elect(const Topic& topic, std::int32_t index, Election election,
                          std::vector<Record>& records) const {
  const auto* partition = topic.partition(index);
  if (!partition) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("No such partition as {}-{}", topic.name, index)};
  }
  const bool preferred = election == Election::preferred;
  const bool needed =
      preferred ? partition->leader != partition->replicas.front() : partition->leader == no_leader;
  if (!needed) {
    return {ErrorCode::election_not_needed, "Leader election not needed for topic partition."};
  }
  DirectoryLoad load(image_, index_);
  auto aim = aim_for(topic, load);
  aim.election = election;
  aim.available = [this, partition](NodeId id) { return is_available(*partition, id); };
  auto record = change_partition(topic.id, index, *partition, aim);
  // A change that elects nobody is not what was asked for.
  const bool elected = record && record->leader != -2 && record->leader != no_leader.value;
  if (elected) {
    records.emplace_back(std::move(*record));
    return {};
  }
  if (preferred) {
    return {ErrorCode::preferred_leader_not_available, "The preferred leader was not available."};
  }
  return {ErrorCode::eligible_leaders_not_available,
          "Eligible topic partition leaders are not available."};
}

Controller::Decision Controller::elect_leaders(Instant, Ticket ticket,
                                               const protocol::ElectLeadersRequest& request) {
  protocol::ElectLeadersResponse response;
  if (request.election_type != preferred_type && request.election_type != unclean_type) {
    response.error_code = ErrorCode::invalid_request;
    return answer(ticket, std::move(response));
  }
  const auto election =
      request.election_type == preferred_type ? Election::preferred : Election::unclean;
  Decision decision;
  const auto tell = [&response](const std::string& topic, std::int32_t index, Refusal refusal) {
    auto& results = response.replica_election_results;
    if (results.empty() || results.back().topic != topic) results.emplace_back().topic = topic;
    auto& result = results.back().partition_result.emplace_back();
    result.partition_id = index;
    result.error_code = refusal.code;
    result.error_message = std::move(refusal.text);
  };
  if (!request.topic_partitions) {
    // All partitions: those that have the leader they shall have are not mentioned.
    for (const auto& key :
         election == Election::preferred ? index_.imbalanced() : index_.leaderless()) {
      const auto topic = image_.topic(key.topic);
      tell(topic->name, key.index, elect(*topic, key.index, election, decision.records));
    }
  } else {
    std::set<std::pair<std::string_view, std::int32_t>> seen;
    for (const auto& asked : *request.topic_partitions) {
      const auto topic = image_.topic(asked.topic);
      for (const auto index : asked.partitions) {
        if (!seen.insert({asked.topic, index}).second) continue;
        tell(asked.topic, index,
             topic ? elect(*topic, index, election, decision.records)
                   : Refusal{ErrorCode::unknown_topic_or_partition,
                             fmt::format("No such topic as {}", asked.topic)});
      }
    }
  }
  bracket(decision.records);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
