#include <algorithm>

#include "core/broker/dispatcher.h"
#include "core/broker/handlers/handlers.h"
#include "core/metadata/features.h"
#include "core/protocol/api.h"

namespace trialog::broker::handlers {
namespace {

constexpr std::int32_t all_cluster_operations = 8096;  // All that authorizers know for a cluster.
constexpr std::int8_t brokers_asked = 1;
constexpr std::int8_t controllers_asked = 2;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Names and versions of client software: alphanumeric, with dots and dashes inside (KIP-511).
bool is_sane(std::string_view software) {
  if (software.empty() || !is_alphanumeric(software.front()) || !is_alphanumeric(software.back())) {
    return false;
  }
  return std::ranges::all_of(software,
                             [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
}

void add_features(const metadata::Image& image, protocol::ApiVersionsResponse& response) {
  for (const auto& known : metadata::supported_features()) {
    auto& supported = response.supported_features.emplace_back();
    supported.name = known.name;
    supported.min_version = known.min;
    supported.max_version = known.max;
  }
  if (image.features().empty()) return;
  for (const auto& [name, level] : image.features()) {
    auto& finalized = response.finalized_features.emplace_back();
    finalized.name = name;
    finalized.min_version_level = finalized.max_version_level = level;
  }
  response.finalized_features_epoch = image.end().value;
}

/// The voters, as whoever asks one of them is to reach them (KIP-919).
void add_controllers(const Broker& broker, protocol::DescribeClusterResponse& response) {
  response.controller_id = broker.quorum.leader().value;
  for (const auto& voter : broker.quorum.voters().all()) {
    const auto at = broker.quorum.endpoint(voter.id);
    if (!at) continue;
    auto& entry = response.brokers.emplace_back();
    entry.broker_id = voter.id.value;
    entry.host = at->host();
    entry.port = at->port();
  }
}

}  // namespace

protocol::ApiVersionsResponse api_versions(Broker& broker, const Context& context,
                                           protocol::ApiVersionsRequest request) {
  protocol::ApiVersionsResponse response;
  if (context.version() >= 3 &&
      !(is_sane(request.client_software_name) && is_sane(request.client_software_version))) {
    response.error_code = ErrorCode::invalid_request;
    return response;
  }
  for (const auto& api : protocol::apis()) {
    if (api.served.empty() || !serves(context.client().side(), api.key)) continue;
    auto& entry = response.api_keys.emplace_back();
    entry.api_key = api.key;
    entry.min_version = api.advertised.first;
    entry.max_version = api.advertised.last;
  }
  add_features(*broker.image(), response);
  return response;
}

protocol::DescribeClusterResponse describe_cluster(Broker& broker, const Context& context,
                                                   protocol::DescribeClusterRequest request) {
  const bool of_controllers = context.client().side() == Side::controllers;
  protocol::DescribeClusterResponse response;
  response.endpoint_type = request.endpoint_type;
  if (request.endpoint_type != (of_controllers ? controllers_asked : brokers_asked)) {
    const bool known =
        request.endpoint_type == controllers_asked || request.endpoint_type == brokers_asked;
    response.error_code =
        known ? ErrorCode::mismatched_endpoint_type : ErrorCode::unsupported_endpoint_type;
    response.error_message =
        known ? "The request was sent to an endpoint of the wrong type."
              : "Unsupported endpoint type " + std::to_string(request.endpoint_type);
    return response;
  }
  response.cluster_id = broker.cluster_id;
  if (of_controllers) {
    add_controllers(broker, response);
    return response;
  }
  response.controller_id = controller_for_clients(broker).value;
  for (const auto& [id, registered] : broker.image()->brokers()) {
    const auto* endpoint = registered.endpoint(context.client().listener());
    if (endpoint == nullptr || (registered.fenced && !request.include_fenced_brokers)) continue;
    auto& entry = response.brokers.emplace_back();
    entry.broker_id = id.value;
    entry.host = endpoint->host;
    entry.port = endpoint->port;
    entry.rack = registered.rack;
    entry.is_fenced = context.version() >= 2 && registered.fenced;
  }
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  return response;
}

/// There are no groups and no transactions yet. Retriable, as for a coordinator that is not there
/// now, because old clients know no better answer.
protocol::FindCoordinatorResponse find_coordinator(Broker&, const Context& context,
                                                   protocol::FindCoordinatorRequest request) {
  constexpr auto why = "this broker coordinates no groups and no transactions";
  protocol::FindCoordinatorResponse response;
  if (context.version() < 4) {
    response.error_code = ErrorCode::coordinator_not_available;
    response.error_message = why;
    response.node_id = -1;
    response.port = -1;
    return response;
  }
  response.error_message = "";
  for (auto& key : request.coordinator_keys) {
    auto& entry = response.coordinators.emplace_back();
    entry.key = std::move(key);
    entry.error_code = ErrorCode::coordinator_not_available;
    entry.error_message = why;
    entry.node_id = -1;
    entry.port = -1;
  }
  return response;
}

}  // namespace trialog::broker::handlers
