#include <map>

#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

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

std::optional<Refusal> Controller::alter(const Resource& resource,
                                         const std::vector<ConfigChange>& changes, bool incremental,
                                         std::vector<Record>& records) const {
  if (auto refusal = change_refusal(image_, options_.self, resource, changes)) return refusal;
  const auto& now = image_.settings(resource);
  const auto then = changed_settings(resource, incremental ? now : Settings(), changes);
  if (!then) return then.error();
  if (auto refusal = settings_refusal(resource, changes, *then)) return refusal;
  std::vector<std::string> named;
  for (const auto& change : changes) named.push_back(change.name);
  for (auto& record : config_records(resource, now, named, *then)) {
    records.emplace_back(std::move(record));
  }
  return std::nullopt;
}

}  // namespace trialog::metadata
