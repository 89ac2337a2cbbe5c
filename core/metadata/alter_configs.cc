#include <map>

#include <algorithm>

#include "core/metadata/controller.h"
#include "core/metadata/features.h"

namespace trialog::metadata {
namespace {

constexpr std::string_view min_isr = "min.insync.replicas";
constexpr std::size_t max_value_size = 32767;

/// While eligible replicas are kept, all must agree about min.insync.replicas: it is one for all
/// brokers, and always there.
std::optional<Refusal> min_isr_refusal(const Resource& resource, const Settings& now,
                                       const std::vector<std::string>& named,
                                       const Settings& then) {
  if (resource.type != ResourceType::broker) return std::nullopt;
  const bool is_named = std::ranges::find(named, min_isr) != named.end();
  if (!resource.name.empty() && is_named) {
    return Refusal{ErrorCode::invalid_config,
                   "Broker-level min.insync.replicas cannot be altered while ELR is enabled."};
  }
  if (resource.name.empty() && now.contains(min_isr) && !then.contains(min_isr)) {
    return Refusal{ErrorCode::invalid_config,
                   "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."};
  }
  return std::nullopt;
}

bool changes_min_isr(const Settings& now, const Settings& then) {
  const auto before = now.find(min_isr);
  const auto after = then.find(min_isr);
  if (before == now.end() || after == then.end()) {
    return (before == now.end()) != (after == then.end());
  }
  return before->second != after->second;
}

ConfigChange change_of(const protocol::AlterConfigsRequest::AlterableConfig& config) {
  return {config.name, ConfigChange::Operation::set, config.value};
}

ConfigChange change_of(const protocol::IncrementalAlterConfigsRequest::AlterableConfig& config) {
  return {config.name, static_cast<ConfigChange::Operation>(config.config_operation), config.value};
}

}  // namespace

template <class Response, class Request>
Controller::Decision Controller::alter_all(Ticket ticket, const Request& request,
                                           bool incremental) const {
  Decision decision;
  Response response;
  std::map<Resource, int> times;
  const auto resource_of = [](const auto& asked) {
    return Resource{static_cast<ResourceType>(asked.resource_type), asked.resource_name};
  };
  for (const auto& asked : request.resources) ++times[resource_of(asked)];

  for (const auto& asked : request.resources) {
    const auto resource = resource_of(asked);
    std::vector<ConfigChange> changes;
    for (const auto& config : asked.configs) changes.push_back(change_of(config));
    auto refusal =
        times[resource] > 1
            ? Refusal{ErrorCode::invalid_request, "Each resource must appear at most once."}
            : alter(resource, changes, incremental, decision.records).value_or(Refusal());
    typename Response::AlterConfigsResourceResponse answer;
    answer.error_code = refusal.code;
    answer.error_message = std::move(refusal.text);
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    response.responses.push_back(std::move(answer));
  }
  if (request.validate_only) decision.records.clear();
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

Controller::Decision Controller::alter_configs(Instant, Ticket ticket,
                                               const protocol::AlterConfigsRequest& request) {
  return alter_all<protocol::AlterConfigsResponse>(ticket, request, false);
}

Controller::Decision Controller::incremental_alter_configs(
    Instant, Ticket ticket, const protocol::IncrementalAlterConfigsRequest& request) {
  return alter_all<protocol::IncrementalAlterConfigsResponse>(ticket, request, true);
}

void Controller::clear_eligible(const Resource& resource, std::vector<Record>& records) const {
  for (const auto& [name, topic] : image_.topics()) {
    if (resource.type == ResourceType::topic && resource.name != name) continue;
    for (const auto& [index, partition] : topic->partitions) {
      // Nothing is committed while nobody is in sync: then they still have all that was.
      if (partition.isr.empty() || partition.eligible.empty()) continue;
      protocol::PartitionChangeRecord record;
      record.topic_id = topic->id;
      record.partition_id = index;
      record.eligible_leader_replicas.emplace();
      record.last_known_elr.emplace();
      records.emplace_back(std::move(record));
    }
  }
}

std::optional<Refusal> Controller::alter(const Resource& resource,
                                         const std::vector<ConfigChange>& changes, bool incremental,
                                         std::vector<Record>& records) const {
  if (auto refusal = change_refusal(image_, resource, changes)) return refusal;
  const auto& now = image_.settings(resource);
  const auto then = changed_settings(resource, incremental ? now : Settings(), changes);
  if (!then) return then.error();
  // Appending may make a value that no record can hold.
  if (std::ranges::any_of(*then, [](const auto& s) { return s.second.size() > max_value_size; })) {
    return Refusal{ErrorCode::invalid_config,
                   "The configuration value cannot be added because it exceeds the maximum value "
                   "size of 32767 bytes."};
  }
  if (auto refusal = settings_refusal(resource, changes, *then)) return refusal;
  std::vector<std::string> named;
  for (const auto& change : changes) named.push_back(change.name);
  const bool eligible = image_.feature(eligible_leader_replicas) > 0;
  if (eligible) {
    if (auto refusal = min_isr_refusal(resource, now, named, *then)) return refusal;
  }
  for (auto& record : config_records(resource, now, named, *then)) {
    records.emplace_back(std::move(record));
  }
  // Those that were eligible under the old value need not have what the new one lets commit.
  if (eligible && changes_min_isr(now, *then)) clear_eligible(resource, records);
  return std::nullopt;
}

}  // namespace trialog::metadata
