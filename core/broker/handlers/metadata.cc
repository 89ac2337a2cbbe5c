#include <set>

#include "core/broker/handlers/handlers.h"
#include "core/broker/handlers/topics.h"

namespace trialog::broker::handlers {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;
using TopicResponse = MetadataResponse::MetadataResponseTopic;
using TopicRequest = MetadataRequest::MetadataRequestTopic;

constexpr std::int32_t all_cluster_operations = 8096;  // All that authorizers know for a cluster.
/// How long a request for metadata waits for the controller to create what it names.
constexpr Duration creation_limit = seconds(5);

bool asks_for_all(const Context& context, const MetadataRequest& request) {
  return !request.topics || (context.version() == 0 && request.topics->empty());
}

TopicResponse described(const View& view, const metadata::Topic& topic, bool with_operations) {
  TopicResponse response;
  response.name = topic.name;
  response.topic_id = topic.id;
  response.is_internal = is_internal(topic.name);
  if (with_operations) response.topic_authorized_operations = all_topic_operations;
  response.partitions.reserve(topic.partitions.size());
  for (const auto& [index, partition] : topic.partitions) {
    auto& entry = response.partitions.emplace_back();
    entry.error_code = view.error_of(partition);
    entry.partition_index = index;
    entry.leader_id = view.leader_of(partition).value;
    entry.leader_epoch = partition.leader_epoch.value;
    entry.replica_nodes = numbers(partition.replicas);
    entry.isr_nodes = numbers(partition.isr);
    entry.offline_replicas = view.offline_of(partition);
  }
  return response;
}

TopicResponse refused(const TopicRequest& asked, ErrorCode error) {
  TopicResponse response;
  response.error_code = error;
  response.name = asked.name;
  response.topic_id = asked.topic_id;
  return response;
}

/// By name, or since version 12 by id (KIP-516).
TopicResponse answer_to(const View& view, const Context& context, const TopicRequest& asked,
                        bool with_operations) {
  const bool by_id = !asked.topic_id.is_zero();
  if (context.version() < 12 && (by_id || !asked.name)) {
    auto response = refused(asked, ErrorCode::invalid_request);
    response.name = asked.name.value_or("");
    return response;
  }
  const auto topic = by_id        ? view.image().topic(asked.topic_id)
                     : asked.name ? view.image().topic(*asked.name)
                                  : nullptr;
  if (topic != nullptr) return described(view, *topic, with_operations);
  if (by_id || !asked.name) return refused(asked, ErrorCode::unknown_topic_id);
  return refused(asked, topic_name_problem(*asked.name).empty()
                            ? ErrorCode::unknown_topic_or_partition
                            : ErrorCode::invalid_topic_exception);
}

std::vector<std::string> to_create(const metadata::Image& image, const MetadataRequest& request) {
  std::set<std::string> names;
  for (const auto& asked : *request.topics) {
    if (!asked.name || !asked.topic_id.is_zero() || image.topic(*asked.name)) continue;
    if (!topic_name_problem(*asked.name).empty() || is_internal(*asked.name)) continue;
    names.insert(*asked.name);
  }
  return {names.begin(), names.end()};
}

using Errors = std::map<std::string, ErrorCode>;

/// Creates the topics with the cluster's defaults; gives why some could not be.
Task<Errors> create(Broker& broker, std::vector<std::string> names) {
  protocol::CreateTopicsRequest request;
  for (const auto& name : names) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = topic.replication_factor = -1;  // The cluster's defaults.
  }
  auto asked = broker.controller.ask(std::move(request), broker.env.clock.now() + creation_limit);
  auto reply = co_await asked;
  Errors errors;
  if (!reply) {
    for (const auto& name : names) errors[name] = reply.error();
    co_return errors;
  }
  for (const auto& result : reply->topics) {
    const bool exists = result.error_code == ErrorCode::topic_already_exists;
    if (result.error_code != ErrorCode::none && !exists) errors[result.name] = result.error_code;
  }
  co_return errors;
}

void add_topics(const View& view, const Context& context, const MetadataRequest& request,
                const Errors& not_created, MetadataResponse& response) {
  const bool with_operations = request.include_topic_authorized_operations;
  if (asks_for_all(context, request)) {
    for (const auto& [name, topic] : view.image().topics()) {
      response.topics.push_back(described(view, *topic, with_operations));
    }
    return;
  }
  std::set<std::pair<std::optional<std::string>, Uuid>> seen;
  for (const auto& asked : *request.topics) {
    if (!seen.emplace(asked.name, asked.topic_id).second) continue;
    const auto failed = not_created.find(asked.name.value_or(""));
    response.topics.push_back(failed == not_created.end()
                                  ? answer_to(view, context, asked, with_operations)
                                  : refused(asked, failed->second));
  }
}

}  // namespace

Task<MetadataResponse> metadata(Broker& broker, const Context& context, MetadataRequest request) {
  Errors not_created;
  const bool may_create = broker.options.auto_create_topics && request.allow_auto_topic_creation;
  if (may_create && !asks_for_all(context, request)) {
    auto names = to_create(*broker.image(), request);
    if (!names.empty()) not_created = co_await create(broker, std::move(names));
  }
  const View view(broker, context);
  MetadataResponse response;
  for (const auto& [id, registered] : view.image().brokers()) {
    const auto* endpoint = registered.endpoint(context.client().listener());
    if (registered.fenced || endpoint == nullptr) continue;
    auto& entry = response.brokers.emplace_back();
    entry.node_id = id.value;
    entry.host = endpoint->host;
    entry.port = endpoint->port;
    entry.rack = registered.rack;
  }
  response.cluster_id = broker.cluster_id;
  response.controller_id = controller_for_clients(broker).value;
  add_topics(view, context, request, not_created, response);
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
