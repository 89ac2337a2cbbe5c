#pragma once

#include "core/base/error_code.h"
#include "core/metadata/controller.h"

namespace trialog::replication {

/// What the controller answers, and by which of its methods: `ControllerApi<Request>`.
template <class Request>
struct ControllerApi;

namespace detail {

template <class ResponseType, auto Method>
struct Decided {
  using Response = ResponseType;
  template <class Request>
  static metadata::Controller::Decision decide(metadata::Controller& controller, Instant now,
                                               Ticket ticket, const Request& request) {
    return (controller.*Method)(now, ticket, request);
  }
};

}  // namespace detail

template <>
struct ControllerApi<protocol::CreateTopicsRequest>
    : detail::Decided<protocol::CreateTopicsResponse, &metadata::Controller::create_topics> {};
template <>
struct ControllerApi<protocol::DeleteTopicsRequest>
    : detail::Decided<protocol::DeleteTopicsResponse, &metadata::Controller::delete_topics> {};
template <>
struct ControllerApi<protocol::CreatePartitionsRequest>
    : detail::Decided<protocol::CreatePartitionsResponse,
                      &metadata::Controller::create_partitions> {};
template <>
struct ControllerApi<protocol::AlterConfigsRequest>
    : detail::Decided<protocol::AlterConfigsResponse, &metadata::Controller::alter_configs> {};
template <>
struct ControllerApi<protocol::IncrementalAlterConfigsRequest>
    : detail::Decided<protocol::IncrementalAlterConfigsResponse,
                      &metadata::Controller::incremental_alter_configs> {};
template <>
struct ControllerApi<protocol::BrokerRegistrationRequest>
    : detail::Decided<protocol::BrokerRegistrationResponse,
                      &metadata::Controller::broker_registration> {};
template <>
struct ControllerApi<protocol::BrokerHeartbeatRequest>
    : detail::Decided<protocol::BrokerHeartbeatResponse, &metadata::Controller::broker_heartbeat> {
};
template <>
struct ControllerApi<protocol::UnregisterBrokerRequest>
    : detail::Decided<protocol::UnregisterBrokerResponse,
                      &metadata::Controller::unregister_broker> {};
template <>
struct ControllerApi<protocol::AlterPartitionRequest>
    : detail::Decided<protocol::AlterPartitionResponse, &metadata::Controller::alter_partition> {};
template <>
struct ControllerApi<protocol::ElectLeadersRequest>
    : detail::Decided<protocol::ElectLeadersResponse, &metadata::Controller::elect_leaders> {};
template <>
struct ControllerApi<protocol::AlterPartitionReassignmentsRequest>
    : detail::Decided<protocol::AlterPartitionReassignmentsResponse,
                      &metadata::Controller::alter_partition_reassignments> {};
template <>
struct ControllerApi<protocol::ListPartitionReassignmentsRequest>
    : detail::Decided<protocol::ListPartitionReassignmentsResponse,
                      &metadata::Controller::list_partition_reassignments> {};
template <>
struct ControllerApi<protocol::AllocateProducerIdsRequest>
    : detail::Decided<protocol::AllocateProducerIdsResponse,
                      &metadata::Controller::allocate_producer_ids> {};
template <>
struct ControllerApi<protocol::UpdateFeaturesRequest>
    : detail::Decided<protocol::UpdateFeaturesResponse, &metadata::Controller::update_features> {};
template <>
struct ControllerApi<protocol::ControllerRegistrationRequest>
    : detail::Decided<protocol::ControllerRegistrationResponse,
                      &metadata::Controller::controller_registration> {};
template <>
struct ControllerApi<protocol::AssignReplicasToDirsRequest>
    : detail::Decided<protocol::AssignReplicasToDirsResponse,
                      &metadata::Controller::assign_replicas_to_dirs> {};

/// Whether the answer says that whoever gave it is not the controller: for the whole request, or
/// for its first item, since such a refusal is the same for all.
template <class Response>
bool not_the_controller(const Response& response) {
  const auto says = [](const auto& item) { return item.error_code == ErrorCode::not_controller; };
  const auto first = [&](const auto& items) { return !items.empty() && says(items.front()); };
  if constexpr (requires { response.error_code; }) {
    if (says(response)) return true;
  }
  if constexpr (requires { response.topics.front().error_code; }) {
    return first(response.topics);
  } else if constexpr (requires { response.responses.front().error_code; }) {
    return first(response.responses);
  } else if constexpr (requires { response.results.front().error_code; }) {
    return first(response.results);
  } else {
    return false;
  }
}

}  // namespace trialog::replication
