#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

using metadata::Controller;

/// What the controller answers, or nothing if its log has failed. `decide` is one of its methods.
template <class Response, class Request>
Task<std::optional<Response>> ask(Broker& broker,
                                  Controller::Decision (Controller::*decide)(Instant, Ticket,
                                                                             const Request&),
                                  Request request) {
  auto decision = [decide, request](Controller& controller, Instant now, Ticket ticket) {
    return (controller.*decide)(now, ticket, request);
  };
  auto asked = broker.metadata.ask(std::move(decision));
  auto reply = co_await asked;
  if (!reply) co_return std::optional<Response>();
  co_return std::get<Response>(std::move(*reply));
}

constexpr ErrorCode no_controller = ErrorCode::kafka_storage_error;

}  // namespace

Task<protocol::CreateTopicsResponse> create_topics(Broker& broker, const Context&,
                                                   protocol::CreateTopicsRequest request) {
  auto asked = ask<protocol::CreateTopicsResponse>(broker, &Controller::create_topics, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::CreateTopicsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.topics.emplace_back();
    result.name = topic.name;
    result.error_code = no_controller;
  }
  co_return refusal;
}

Task<protocol::DeleteTopicsResponse> delete_topics(Broker& broker, const Context&,
                                                   protocol::DeleteTopicsRequest request) {
  auto asked = ask<protocol::DeleteTopicsResponse>(broker, &Controller::delete_topics, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::DeleteTopicsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.responses.emplace_back();
    result.name = topic.name;
    result.topic_id = topic.topic_id;
    result.error_code = no_controller;
  }
  for (const auto& name : request.topic_names) {
    auto& result = refusal.responses.emplace_back();
    result.name = name;
    result.error_code = no_controller;
  }
  co_return refusal;
}

Task<protocol::CreatePartitionsResponse> create_partitions(
    Broker& broker, const Context&, protocol::CreatePartitionsRequest request) {
  auto asked =
      ask<protocol::CreatePartitionsResponse>(broker, &Controller::create_partitions, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  protocol::CreatePartitionsResponse refusal;
  for (const auto& topic : request.topics) {
    auto& result = refusal.results.emplace_back();
    result.name = topic.name;
    result.error_code = no_controller;
  }
  co_return refusal;
}

namespace {

template <class Response, class Request>
Response nothing_altered(const Request& request) {
  Response refusal;
  for (const auto& resource : request.resources) {
    auto& result = refusal.responses.emplace_back();
    result.error_code = no_controller;
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
  }
  return refusal;
}

}  // namespace

Task<protocol::AlterConfigsResponse> alter_configs(Broker& broker, const Context&,
                                                   protocol::AlterConfigsRequest request) {
  auto asked = ask<protocol::AlterConfigsResponse>(broker, &Controller::alter_configs, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  co_return nothing_altered<protocol::AlterConfigsResponse>(request);
}

Task<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    Broker& broker, const Context&, protocol::IncrementalAlterConfigsRequest request) {
  auto asked = ask<protocol::IncrementalAlterConfigsResponse>(
      broker, &Controller::incremental_alter_configs, request);
  auto response = co_await asked;
  if (response) co_return std::move(*response);
  co_return nothing_altered<protocol::IncrementalAlterConfigsResponse>(request);
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
  auto id = co_await broker.metadata.next_producer_id();
  if (id) {
    response.producer_id = id->value;
    response.producer_epoch = 0;
  } else {
    response.error_code = id.error();
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
