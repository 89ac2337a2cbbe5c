#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/base/check.h"
#include "core/base/topic.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

constexpr std::string_view metadata_topic = "__cluster_metadata";

std::optional<Refusal> name_refusal(const Image& image, const PartitionIndex& index,
                                    const std::string& name) {
  if (image.topic(name)) {
    return Refusal{ErrorCode::topic_already_exists,
                   fmt::format("Topic '{}' already exists.", name)};
  }
  if (auto problem = topic_name_problem(name); !problem.empty()) {
    return Refusal{ErrorCode::invalid_topic_exception, std::move(problem)};
  }
  const auto& alike = index.alike(name);
  if (alike.empty()) return std::nullopt;
  return Refusal{ErrorCode::invalid_topic_exception,
                 fmt::format("Topic '{}' collides with existing topic: {}", name, *alike.begin())};
}

template <class Configs>
std::expected<Settings, Refusal> settings_of(const Configs& configs) {
  Settings settings;
  std::vector<std::string> without_value;
  for (const auto& config : configs) {
    if (config.value) {
      settings.insert_or_assign(config.name, *config.value);
    } else {
      without_value.push_back(config.name);
    }
  }
  if (!without_value.empty()) {
    return std::unexpected(Refusal{ErrorCode::invalid_config,
                                   fmt::format("Null value not supported for topic configs: {}",
                                               fmt::join(without_value, ","))});
  }
  if (auto refusal = topic_settings_refusal(settings)) return std::unexpected(std::move(*refusal));
  return settings;
}

std::expected<std::vector<Replicas>, Refusal> manual_placement(
    const Image& image, const protocol::CreateTopicsRequest::CreatableTopic& topic) {
  const auto refused = [](ErrorCode code, std::string text) {
    return std::unexpected(Refusal{code, std::move(text)});
  };
  constexpr auto invalid = ErrorCode::invalid_replica_assignment;
  if (topic.replication_factor != -1) {
    return refused(ErrorCode::invalid_request,
                   "A manual partition assignment was specified, but replication factor was not "
                   "set to -1.");
  }
  if (topic.num_partitions != -1) {
    return refused(ErrorCode::invalid_request,
                   "A manual partition assignment was specified, but numPartitions was not set to "
                   "-1.");
  }
  std::map<std::int32_t, Replicas> placed;
  std::size_t factor = 0;
  for (const auto& assignment : topic.assignments) {
    const auto index = assignment.partition_index;
    if (placed.contains(index)) {
      return refused(invalid, fmt::format("Found multiple manual partition assignments for "
                                          "partition {}",
                                          index));
    }
    auto problem = assignment_problem(image, assignment.broker_ids, factor);
    if (!problem.empty()) return refused(invalid, std::move(problem));
    factor = assignment.broker_ids.size();
    Replicas replicas;
    for (const auto id : assignment.broker_ids) replicas.emplace_back(id);
    if (active(image, replicas).empty()) {
      return refused(invalid, all_fenced_text(index));
    }
    placed[index] = std::move(replicas);
  }
  std::vector<Replicas> result;
  for (auto& [index, replicas] : placed) {
    if (index != static_cast<std::int32_t>(result.size())) {
      return refused(invalid, "partitions should be a consecutive 0-based integer sequence");
    }
    result.push_back(std::move(replicas));
  }
  return result;
}

/// Where the value of a topic's setting comes from, with the numbers of DescribeConfigs.
std::int8_t source_of(std::string_view name, const Image& image, NodeId self, const Settings& topic,
                      const Settings& file) {
  if (topic.contains(name)) return 1;
  const auto& own = image.settings({ResourceType::broker, std::to_string(self.value)});
  const auto& all = image.settings({ResourceType::broker, ""});
  for (const auto synonym : broker_synonyms(name)) {
    if (own.contains(synonym)) return 2;
    if (all.contains(synonym)) return 3;
    if (file.contains(synonym)) return 4;
  }
  return 5;
}

template <class Topics>
std::int64_t partitions_asked(const Topics& topics, std::int32_t by_default) {
  std::int64_t total = 0;
  for (const auto& topic : topics) {
    if (!topic.assignments.empty()) {
      total += static_cast<std::int64_t>(topic.assignments.size());
    } else {
      total += topic.num_partitions == -1 ? by_default : std::max(topic.num_partitions, 0);
    }
  }
  return total;
}

}  // namespace

Controller::Decision Controller::create_topics(Instant, Ticket ticket,
                                               const protocol::CreateTopicsRequest& request) {
  Decision decision;
  protocol::CreateTopicsResponse response;
  const auto refuse = [&response](const std::string& name, Refusal refusal) {
    NewTopicResult result;
    result.name = name;
    result.error_code = refusal.code;
    result.error_message = std::move(refusal.text);
    response.topics.push_back(std::move(result));
  };
  std::map<std::string_view, int> times;
  for (const auto& topic : request.topics) ++times[topic.name];
  const bool too_many =
      partitions_asked(request.topics, options_.num_partitions) > max_partitions_per_request;
  DirectoryLoad load(image_, index_);

  for (const auto& topic : request.topics) {
    auto& seen = times[topic.name];
    if (seen == 0) continue;  // A duplicate whose first mention was refused for all of them.
    if (seen > 1) {
      refuse(topic.name, {ErrorCode::invalid_request, "Duplicate topic name."});
      seen = 0;
    } else if (topic.name == metadata_topic) {
      refuse(topic.name, {ErrorCode::invalid_request,
                          "Creation of internal topic __cluster_metadata is prohibited."});
    } else if (too_many) {
      refuse(topic.name,
             {ErrorCode::policy_violation, "Excessively large number of partitions per request."});
    } else if (auto result = create(topic, load, decision.records)) {
      response.topics.push_back(std::move(*result));
    } else {
      refuse(topic.name, std::move(result.error()));
    }
  }
  if (request.validate_only) decision.records.clear();
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

std::expected<Controller::NewTopicResult, Refusal> Controller::create(
    const NewTopic& topic, DirectoryLoad& load, std::vector<Record>& records) {
  if (auto refusal = name_refusal(image_, index_, topic.name))
    return std::unexpected(std::move(*refusal));
  const auto settings = settings_of(topic.configs);
  if (!settings) return std::unexpected(settings.error());
  const auto placement = placement_for(topic);
  if (!placement) return std::unexpected(placement.error());
  CHECK(!placement->empty());

  auto id = Uuid::random(options_.random);
  while (image_.topic(id)) id = Uuid::random(options_.random);  // A seed that was used before.
  protocol::TopicRecord record;
  record.name = topic.name;
  record.topic_id = id;
  records.emplace_back(std::move(record));
  for (auto& config : config_records({ResourceType::topic, topic.name}, {}, {}, *settings)) {
    records.emplace_back(std::move(config));
  }
  for (std::size_t i = 0; i < placement->size(); ++i) {
    records.emplace_back(
        new_partition(image_, id, static_cast<std::int32_t>(i), (*placement)[i], load));
  }
  return created(topic, id, *placement);
}

std::expected<std::vector<Replicas>, Refusal> Controller::placement_for(const NewTopic& topic) {
  const auto refused = [](ErrorCode code, std::string text) {
    return std::unexpected(Refusal{code, std::move(text)});
  };
  if (!topic.assignments.empty()) return manual_placement(image_, topic);
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return refused(ErrorCode::invalid_replication_factor,
                   "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return refused(ErrorCode::invalid_partitions,
                   "Number of partitions was set to an invalid non-positive value.");
  }
  const auto count = topic.num_partitions == -1 ? options_.num_partitions : topic.num_partitions;
  const auto factor = topic.replication_factor == -1 ? options_.default_replication_factor
                                                     : topic.replication_factor;
  auto placed = place(image_, count, factor, options_.random);
  if (placed) return std::move(*placed);
  return refused(
      ErrorCode::invalid_replication_factor,
      fmt::format("Unable to replicate the partition {} time(s): {}", factor, placed.error()));
}

Controller::NewTopicResult Controller::created(const NewTopic& topic, const Uuid& id,
                                               const std::vector<Replicas>& placement) const {
  NewTopicResult result;
  result.name = topic.name;
  result.topic_id = id;
  result.error_message = std::nullopt;
  result.num_partitions = static_cast<std::int32_t>(placement.size());
  result.replication_factor = static_cast<std::int16_t>(placement.front().size());
  Settings own;
  for (const auto& config : topic.configs) own.insert_or_assign(config.name, *config.value);
  const auto broker = image_.broker_settings(options_.self, options_.settings);
  for (const auto& setting : settings(ConfigScope::topic)) {
    if (setting.own) continue;  // Clients show these as they are; Kafka has no such setting.
    protocol::CreateTopicsResponse::CreatableTopicConfigs config;
    config.name = setting.name;
    config.value = topic_value(setting.name, own, broker);
    config.config_source = source_of(setting.name, image_, options_.self, own, options_.settings);
    result.configs->push_back(std::move(config));
  }
  return result;
}

}  // namespace trialog::metadata
