#include "core/broker/handlers/controller.h"

namespace trialog::broker::handlers {
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

template <class Response, class Request>
Response nothing_altered(const Request& request, ErrorCode error) {
  Response refusal;
  for (const auto& resource : request.resources) {
    auto& result = refusal.responses.emplace_back();
    result.error_code = error;
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
  }
  return refusal;
}

}  // namespace

Task<protocol::AlterConfigsResponse> alter_configs(Broker& broker, const Context& context,
                                                   protocol::AlterConfigsRequest request) {
  auto asked = ask_controller(broker, context, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  co_return nothing_altered<protocol::AlterConfigsResponse>(request, response.error());
}

Task<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    Broker& broker, const Context& context, protocol::IncrementalAlterConfigsRequest request) {
  auto asked = ask_controller(broker, context, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  co_return nothing_altered<protocol::IncrementalAlterConfigsResponse>(request, response.error());
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
