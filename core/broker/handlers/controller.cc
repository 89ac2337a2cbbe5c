#include "core/broker/handlers/controller.h"

namespace trialog::broker::handlers {
namespace {

/// For answers with one error code for everything.
template <class Request>
Task<typename replication::ControllerApi<Request>::Response> asked(Broker& broker,
                                                                   const Context& context,
                                                                   Request request) {
  auto asking = ask_controller(broker, context, std::move(request));
  auto answer = co_await asking;
  if (answer) co_return std::move(*answer);
  typename replication::ControllerApi<Request>::Response refusal;
  refusal.error_code = answer.error();
  co_return refusal;
}

}  // namespace

Task<protocol::ElectLeadersResponse> elect_leaders(Broker& broker, const Context& context,
                                                   protocol::ElectLeadersRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    Broker& broker, const Context& context, protocol::AlterPartitionReassignmentsRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::ListPartitionReassignmentsResponse> list_partition_reassignments(
    Broker& broker, const Context& context, protocol::ListPartitionReassignmentsRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::UpdateFeaturesResponse> update_features(Broker& broker, const Context& context,
                                                       protocol::UpdateFeaturesRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::UnregisterBrokerResponse> unregister_broker(
    Broker& broker, const Context& context, protocol::UnregisterBrokerRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::BrokerRegistrationResponse> broker_registration(
    Broker& broker, const Context& context, protocol::BrokerRegistrationRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::BrokerHeartbeatResponse> broker_heartbeat(Broker& broker, const Context& context,
                                                         protocol::BrokerHeartbeatRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::AlterPartitionResponse> alter_partition(Broker& broker, const Context& context,
                                                       protocol::AlterPartitionRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::AllocateProducerIdsResponse> allocate_producer_ids(
    Broker& broker, const Context& context, protocol::AllocateProducerIdsRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::ControllerRegistrationResponse> controller_registration(
    Broker& broker, const Context& context, protocol::ControllerRegistrationRequest request) {
  return asked(broker, context, std::move(request));
}

Task<protocol::AssignReplicasToDirsResponse> assign_replicas_to_dirs(
    Broker& broker, const Context& context, protocol::AssignReplicasToDirsRequest request) {
  return asked(broker, context, std::move(request));
}

}  // namespace trialog::broker::handlers
