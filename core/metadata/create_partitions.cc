#include <fmt/format.h>

#include <map>

#include "core/metadata/controller.h"

namespace trialog::metadata {

Controller::Decision Controller::create_partitions(
    Instant, Ticket ticket, const protocol::CreatePartitionsRequest& request) {
  Decision decision;
  protocol::CreatePartitionsResponse response;
  std::map<std::string_view, int> times;
  for (const auto& topic : request.topics) ++times[topic.name];
  DirectoryLoad load(image_, index_);

  for (const auto& topic : request.topics) {
    auto& seen = times[topic.name];
    if (seen == 0) continue;  // A duplicate, answered with the first.
    const bool duplicate = seen > 1;
    seen = 0;
    auto refusal = duplicate ? Refusal{ErrorCode::invalid_request, "Duplicate topic name."}
                             : grow(topic, load, decision.records).value_or(Refusal());
    protocol::CreatePartitionsResponse::CreatePartitionsTopicResult result;
    result.name = topic.name;
    result.error_code = refusal.code;
    result.error_message = std::move(refusal.text);
    response.results.push_back(std::move(result));
  }
  if (request.validate_only) decision.records.clear();
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

std::optional<Refusal> Controller::grow(const MorePartitions& more, DirectoryLoad& load,
                                        std::vector<Record>& records) {
  const auto topic = image_.topic(more.name);
  if (!topic) return Refusal{ErrorCode::unknown_topic_or_partition, std::nullopt};
  const auto has = static_cast<std::int32_t>(topic->partitions.size());
  if (more.count == has) {
    return Refusal{ErrorCode::invalid_partitions,
                   fmt::format("Topic already has {} partition(s).", has)};
  }
  if (more.count < has) {
    return Refusal{ErrorCode::invalid_partitions,
                   fmt::format("The topic {} currently has {} partition(s); {} would not be an "
                               "increase.",
                               more.name, has, more.count)};
  }
  const auto asked = static_cast<std::int64_t>(records.size()) + more.count - has;
  if (asked > max_partitions_per_request) {
    return Refusal{ErrorCode::policy_violation,
                   "Excessively large number of partitions per request."};
  }
  const auto placement = placement_for(more, *topic);
  if (!placement) return placement.error();
  for (std::size_t i = 0; i < placement->size(); ++i) {
    records.emplace_back(new_partition(image_, topic->id, has + static_cast<std::int32_t>(i),
                                       (*placement)[i], load));
  }
  return std::nullopt;
}

std::expected<std::vector<Replicas>, Refusal> Controller::placement_for(const MorePartitions& more,
                                                                        const Topic& topic) {
  const auto refused = [](ErrorCode code, std::string text) {
    return std::unexpected(Refusal{code, std::move(text)});
  };
  const auto has = static_cast<std::int32_t>(topic.partitions.size());
  const auto additional = more.count - has;
  const auto factor = topic.partitions.begin()->second.replicas.size();
  if (!more.assignments) {
    auto placed = place(image_, additional, static_cast<std::int32_t>(factor), options_.random);
    if (placed) return std::move(*placed);
    return refused(ErrorCode::invalid_replication_factor, placed.error());
  }
  constexpr auto invalid = ErrorCode::invalid_replica_assignment;
  if (static_cast<std::int64_t>(more.assignments->size()) != additional) {
    return refused(invalid, fmt::format("Attempted to add {} additional partition(s), but only {} "
                                        "assignment(s) were specified.",
                                        additional, more.assignments->size()));
  }
  std::vector<Replicas> result;
  for (const auto& assignment : *more.assignments) {
    auto problem = assignment_problem(image_, assignment.broker_ids, factor);
    if (!problem.empty()) return refused(invalid, std::move(problem));
    Replicas replicas;
    for (const auto id : assignment.broker_ids) replicas.emplace_back(id);
    if (active(image_, replicas).empty()) {
      return refused(invalid, all_fenced_text(has + static_cast<std::int32_t>(result.size())));
    }
    result.push_back(std::move(replicas));
  }
  return result;
}

}  // namespace trialog::metadata
