#include <fmt/format.h>

#include "core/broker/handlers/controller.h"
#include "core/metadata/config_table.h"

namespace trialog::broker::handlers {

void renew(protocol::DeleteTopicsRequest& request) {
  for (auto& name : request.topic_names) request.topics.emplace_back().name = std::move(name);
  request.topic_names.clear();
}

void renew(protocol::UpdateFeaturesRequest& request) {
  constexpr std::int8_t safe_downgrade = 2;
  for (auto& update : request.feature_updates) {
    if (std::exchange(update.allow_downgrade, false)) update.upgrade_type = safe_downgrade;
  }
}

Task<protocol::CreateTopicsResponse> create_topics(Broker& broker, const Context& context,
                                                   protocol::CreateTopicsRequest request) {
  auto asked = ask_controller(broker, context, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::CreateTopicsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.topics.emplace_back();
    result.name = topic.name;
    result.error_code = response.error();
  }
  co_return refusal;
}

Task<protocol::DeleteTopicsResponse> delete_topics(Broker& broker, const Context& context,
                                                   protocol::DeleteTopicsRequest request) {
  auto asked = ask_controller(broker, context, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::DeleteTopicsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.responses.emplace_back();
    result.name = topic.name;
    result.topic_id = topic.topic_id;
    result.error_code = response.error();
  }
  for (const auto& name : request.topic_names) {
    auto& result = refusal.responses.emplace_back();
    result.name = name;
    result.error_code = response.error();
  }
  co_return refusal;
}

Task<protocol::CreatePartitionsResponse> create_partitions(
    Broker& broker, const Context& context, protocol::CreatePartitionsRequest request) {
  auto asked = ask_controller(broker, context, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::CreatePartitionsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.results.emplace_back();
    result.name = topic.name;
    result.error_code = response.error();
  }
  co_return refusal;
}

namespace {

/// A broker passes on what is asked of all brokers or of itself, and refuses what is another's; the
/// controller, asked directly, takes all.
template <class Response, class Request>
Task<Response> altered(Broker& broker, const Context& context, Request request) {
  Response response;
  Request passed_on = request;
  passed_on.resources.clear();
  std::vector<std::size_t> places;
  for (auto& resource : request.resources) {
    auto& result = response.responses.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    const bool of_broker =
        resource.resource_type == static_cast<std::int8_t>(metadata::ResourceType::broker);
    if (of_broker && context.client().side() == Side::clients) {
      auto problem = broker_name_problem(broker, resource.resource_name);
      if (!problem.empty()) {
        result.error_code = ErrorCode::invalid_request;
        result.error_message = std::move(problem);
        continue;
      }
    }
    places.push_back(response.responses.size() - 1);
    passed_on.resources.push_back(std::move(resource));
  }
  if (places.empty()) co_return response;
  auto asked = ask_controller(broker, context, std::move(passed_on));
  auto answer = co_await asked;
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto& result = response.responses[places[i]];
    if (!answer) {
      result.error_code = answer.error();
    } else if (i < answer->responses.size()) {
      result = std::move(answer->responses[i]);
    }
  }
  co_return response;
}

}  // namespace

std::string broker_name_problem(const Broker& broker, const std::string& name) {
  if (name.empty()) return {};
  const auto id = metadata::integer_value(name);
  if (!id) return "Broker id must be an integer, but it is: " + name;
  const auto self = broker.options.id.value;
  if (*id == self) return {};
  return fmt::format("Unexpected broker id, expected {} or empty string, but received {}", self,
                     name);
}

Task<protocol::AlterConfigsResponse> alter_configs(Broker& broker, const Context& context,
                                                   protocol::AlterConfigsRequest request) {
  return altered<protocol::AlterConfigsResponse>(broker, context, std::move(request));
}

Task<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    Broker& broker, const Context& context, protocol::IncrementalAlterConfigsRequest request) {
  return altered<protocol::IncrementalAlterConfigsResponse>(broker, context, std::move(request));
}

/// The newest version, in which the controller answers what was passed on, has one result for all
/// features: it takes all of the changes or none.
Task<protocol::UpdateFeaturesResponse> update_features(Broker& broker, const Context& context,
                                                       protocol::UpdateFeaturesRequest request) {
  auto asked = decided<protocol::UpdateFeaturesRequest>(broker, context, request);
  auto response = co_await asked;
  if (context.version() > 1 || !response.results.empty()) co_return response;
  for (auto& update : request.feature_updates) {
    auto& result = response.results.emplace_back();
    result.feature = std::move(update.feature);
    result.error_code = response.error_code;
    result.error_message = response.error_message;
  }
  co_return response;
}

Task<protocol::InitProducerIdResponse> init_producer_id(Broker& broker, const Context&,
                                                        protocol::InitProducerIdRequest request) {
  protocol::InitProducerIdResponse response;
  response.producer_epoch = -1;
  const bool half_named = (request.producer_id == -1) != (request.producer_epoch == -1);
  if (half_named || request.producer_id < -1 || request.producer_epoch < -1) {
    response.error_code = ErrorCode::invalid_request;
    co_return response;
  }
  if (request.transactional_id) {
    // There are no transactions yet. Of the codes that no client tries again after, the one that
    // says so.
    response.error_code = request.transactional_id->empty() ? ErrorCode::invalid_request
                                                            : ErrorCode::unsupported_version;
    co_return response;
  }
  auto id = co_await broker.producer_ids.next();
  if (id) {
    response.producer_id = id->value;
    response.producer_epoch = 0;
  } else {
    response.error_code = id.error();
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
