#include "core/broker/dispatcher.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"
#include "core/base/cursor.h"
#include "core/broker/handlers/controller.h"
#include "core/protocol/api.h"
#include "core/protocol/header.h"

namespace trialog::broker {
namespace {

constexpr std::int16_t api_versions_key = protocol::ApiVersionsRequest::api.key;

std::string name_of(std::int16_t key, std::int16_t version) {
  const auto* api = protocol::find_api(key);
  const std::string name = api ? std::string(api->name) : "API key " + std::to_string(key);
  return name + " version " + std::to_string(version);
}

template <class Response>
Answer encoded(std::int32_t correlation, const Response& response, std::int16_t version) {
  protocol::ResponseHeader header;
  header.correlation_id = correlation;
  auto frame = protocol::frame(header, response, version);
  if (frame) return Answer::send(std::move(*frame));
  return Answer::close("can't encode the answer to " + name_of(Response::api.key, version) + ": " +
                       frame.error().what());
}

template <class Request>
bool wants_no_answer(const Request&) {
  return false;
}
bool wants_no_answer(const protocol::ProduceRequest& request) { return request.acks == 0; }

template <class Response>
Answer unanswered(const Response&) {
  return Answer::nothing();
}
/// Nobody would hear of an error, so the end of the connection has to tell.
Answer unanswered(const protocol::ProduceResponse& response) {
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) {
      if (partition.error_code == ErrorCode::none) continue;
      return Answer::close("produce with acks=0 failed: " +
                           std::string(error_name(partition.error_code)));
    }
  }
  return Answer::nothing();
}

template <class Request, auto Handler>
Task<Answer> serve(Broker& broker, const Client& client, Bytes frame, std::int16_t version) {
  auto header = protocol::decode_request_header(frame);
  if (!header) co_return Answer::close("malformed request header: " + header.error().what());
  // What follows its last field is nobody's concern: librdkafka leaves bytes there when it asks for
  // all topics.
  auto request = protocol::decode_at<Request>(frame.from(header->end), 0, version);
  frame = Bytes();  // What is still needed of it, the request holds.
  if (!request) {
    co_return Answer::close("malformed " + name_of(Request::api.key, version) + ": " +
                            request.error().what());
  }
  const auto correlation = header->message.correlation_id;
  const bool silent = wants_no_answer(request->message);
  const Context context(version, std::move(header->message.client_id), client);
  using Result = decltype(Handler(broker, context, std::move(request->message)));
  if constexpr (requires { typename Result::promise_type; }) {
    auto asked = Handler(broker, context, std::move(request->message));
    auto response = co_await asked;
    if (silent) co_return unanswered(response);
    co_return encoded(correlation, response, version);
  } else {
    co_return encoded(correlation, Handler(broker, context, std::move(request->message)), version);
  }
}

Task<Answer> at_once(Answer answer) { co_return answer; }

struct Route {
  std::int16_t key;
  Task<Answer> (*serve)(Broker& broker, const Client& client, Bytes frame, std::int16_t version);
};

template <class Request, auto Handler>
constexpr Route route() {
  return {Request::api.key, &serve<Request, Handler>};
}

/// For what the controller decides as a whole.
template <class Request>
constexpr Route decided_route() {
  return route<Request, &handlers::decided<Request>>();
}

template <std::size_t N>
const Route* find_in(const std::array<Route, N>& routes, std::int16_t key) {
  const auto* found = std::ranges::find(routes, key, &Route::key);
  return found == routes.end() ? nullptr : found;
}

using namespace protocol;  // The names of requests, below.

/// What both sides answer: brokers pass it on to the controller, or know it themselves.
constexpr std::array shared_routes{
    route<ApiVersionsRequest, &handlers::api_versions>(),
    route<DescribeClusterRequest, &handlers::describe_cluster>(),
    route<DescribeConfigsRequest, &handlers::describe_configs>(),
    route<CreateTopicsRequest, &handlers::create_topics>(),
    route<DeleteTopicsRequest, &handlers::delete_topics>(),
    route<CreatePartitionsRequest, &handlers::create_partitions>(),
    route<AlterConfigsRequest, &handlers::alter_configs>(),
    route<IncrementalAlterConfigsRequest, &handlers::incremental_alter_configs>(),
    decided_route<ElectLeadersRequest>(),
    decided_route<AlterPartitionReassignmentsRequest>(),
    decided_route<ListPartitionReassignmentsRequest>(),
    route<UpdateFeaturesRequest, &handlers::update_features>(),
    decided_route<UnregisterBrokerRequest>(),
    route<DescribeQuorumRequest, &handlers::describe_quorum>(),
    route<AddRaftVoterRequest, &handlers::add_raft_voter>(),
    route<RemoveRaftVoterRequest, &handlers::remove_raft_voter>(),
};

constexpr std::array controller_routes{
    route<FetchRequest, &handlers::fetch_metadata>(),
    route<FetchSnapshotRequest, &handlers::fetch_snapshot>(),
    route<VoteRequest, &handlers::vote>(),
    route<BeginQuorumEpochRequest, &handlers::begin_quorum_epoch>(),
    route<EndQuorumEpochRequest, &handlers::end_quorum_epoch>(),
    route<UpdateRaftVoterRequest, &handlers::update_raft_voter>(),
    decided_route<BrokerRegistrationRequest>(),
    decided_route<BrokerHeartbeatRequest>(),
    decided_route<AlterPartitionRequest>(),
    decided_route<AllocateProducerIdsRequest>(),
    decided_route<ControllerRegistrationRequest>(),
    decided_route<AssignReplicasToDirsRequest>(),
};

constexpr std::array client_routes{
    route<ProduceRequest, &handlers::produce>(),
    route<FetchRequest, &handlers::fetch>(),
    route<ListOffsetsRequest, &handlers::list_offsets>(),
    route<MetadataRequest, &handlers::metadata>(),
    route<FindCoordinatorRequest, &handlers::find_coordinator>(),
    route<DeleteRecordsRequest, &handlers::delete_records>(),
    route<InitProducerIdRequest, &handlers::init_producer_id>(),
    route<OffsetForLeaderEpochRequest, &handlers::offset_for_leader_epoch>(),
    route<DescribeLogDirsRequest, &handlers::describe_log_dirs>(),
    route<DescribeProducersRequest, &handlers::describe_producers>(),
    route<ListConfigResourcesRequest, &handlers::list_config_resources>(),
    route<DescribeTopicPartitionsRequest, &handlers::describe_topic_partitions>(),
};

/// Null if nobody handles it.
const Route* find_route(Side side, std::int16_t key) {
  if (const auto* shared = find_in(shared_routes, key)) return shared;
  return side == Side::clients ? find_in(client_routes, key) : find_in(controller_routes, key);
}

/// The one answer to a version we do not know: in version 0, with the versions we do (KIP-511).
Answer known_api_versions(std::int32_t correlation) {
  const auto& known = find_api(api_versions_key)->advertised;
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  auto& entry = response.api_keys.emplace_back();
  entry.api_key = api_versions_key;
  entry.min_version = known.first;
  entry.max_version = known.last;
  return encoded(correlation, response, 0);
}

}  // namespace

bool serves(Side side, std::int16_t api_key) { return find_route(side, api_key) != nullptr; }

Dispatcher::Dispatcher(Broker& broker) : broker_(broker) {
  for (const auto& api : apis()) {
    const bool handled = serves(Side::clients, api.key) || serves(Side::controllers, api.key);
    CHECK(api.served.empty() != handled);
  }
}

Task<Answer> Dispatcher::handle(const Client& client, Bytes frame) {
  Reader reader(frame.view());
  const auto key = reader.i16();
  const auto version = reader.i16();
  const auto correlation = reader.i32();
  const auto* api = find_api(key);
  const auto* route = find_route(client.side(), key);
  if (route != nullptr && api->served.contains(version)) {
    return route->serve(broker_, client, std::move(frame), version);
  }
  if (key == api_versions_key) return at_once(known_api_versions(correlation));
  return at_once(Answer::close("not served: " + name_of(key, version)));
}

}  // namespace trialog::broker
