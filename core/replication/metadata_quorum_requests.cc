#include "core/replication/metadata_quorum.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

/// The metadata partition in a request about it alone; null if it asks for anything else.
template <class Topics>
auto the_partition(const Topics& topics, std::string_view name)
    -> decltype(&topics[0].partitions[0]) {
  if (topics.size() != 1 || topics[0].topic_name != name) return nullptr;
  if (topics[0].partitions.size() != 1 || topics[0].partitions[0].partition_index != 0) {
    return nullptr;
  }
  return &topics[0].partitions[0];
}

template <class Response>
typename Response::PartitionData& begin_answer(Response& response, const std::string& topic) {
  auto& named = response.topics.emplace_back();
  named.topic_name = topic;
  return named.partitions.emplace_back();
}

std::int64_t wall_ms(Env& env, Instant then) {
  const auto ago = env.clock.now() - then;
  return to_ms(env.clock.wall_now()) - ago / milliseconds(1);
}

}  // namespace

bool MetadataQuorum::is_ours(const std::optional<std::string>& cluster_id) const {
  return !cluster_id || *cluster_id == options_.cluster_id;
}

ErrorCode MetadataQuorum::misdirected(const std::optional<std::string>& cluster_id,
                                      bool understood) const {
  if (!is_ours(cluster_id)) return ErrorCode::inconsistent_cluster_id;
  return understood ? ErrorCode::none : ErrorCode::invalid_request;
}

template <class Response>
void MetadataQuorum::add_leader_endpoint(Response& response) const {
  const auto at = endpoint(NodeId(seen_.leader));
  if (!at) return;
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = seen_.leader.value;
  node.host = at->host();
  node.port = at->port();
}
template void MetadataQuorum::add_leader_endpoint(protocol::FetchResponse&) const;
template void MetadataQuorum::add_leader_endpoint(protocol::FetchSnapshotResponse&) const;

/// What we know of the epoch that was asked about or told of, and whether it has our vote; the
/// storage error if our disk failed us.
template <class Response, class Reply>
Response MetadataQuorum::epoch_response(const std::optional<quorum::Message>& reply,
                                        std::int16_t version) const {
  Response response;
  if (!reply) {
    response.error_code = ErrorCode::kafka_storage_error;
    return response;
  }
  const auto& known = std::get<Reply>(*reply);
  auto& answer = begin_answer(response, log_->partition().topic);
  answer.error_code = known.error;
  answer.leader_id = known.leader.value_or(no_leader).value;
  answer.leader_epoch = known.epoch.value;
  if constexpr (requires { known.granted; }) answer.vote_granted = known.granted;
  if (version >= 1) add_leader_endpoint(response);
  return response;
}

Task<protocol::VoteResponse> MetadataQuorum::vote(protocol::VoteRequest request,
                                                  std::int16_t version) {
  protocol::VoteResponse response;
  const auto* asked = the_partition(request.topics, log_->partition().topic);
  response.error_code = misdirected(request.cluster_id, asked && options_.voter);
  if (response.error_code != ErrorCode::none) co_return response;
  quorum::Vote vote;
  vote.epoch = Epoch(asked->replica_epoch);
  vote.candidate = quorum::ReplicaKey(NodeId(asked->replica_id), asked->replica_directory_id);
  vote.voter = quorum::ReplicaKey(NodeId(request.voter_id), asked->voter_directory_id);
  vote.log = quorum::LogEnd(Epoch(asked->last_offset_epoch), Offset(asked->last_offset));
  vote.pre_vote = asked->pre_vote;
  peers_.heard_from(vote.candidate.id);
  const auto reply = co_await answer(vote.candidate.id, vote);
  co_return epoch_response<protocol::VoteResponse, quorum::VoteReply>(reply, version);
}

Task<protocol::BeginQuorumEpochResponse> MetadataQuorum::begin_quorum_epoch(
    protocol::BeginQuorumEpochRequest request, std::int16_t version) {
  protocol::BeginQuorumEpochResponse response;
  const auto* told = the_partition(request.topics, log_->partition().topic);
  response.error_code = misdirected(request.cluster_id, told != nullptr);
  if (response.error_code != ErrorCode::none) co_return response;
  const NodeId leader(told->leader_id);
  if (auto at = peers_.endpoint_of(endpoints_in(request.leader_endpoints))) {
    peers_.learn(leader, std::move(*at));
  }
  peers_.heard_from(leader);
  quorum::BeginEpoch begin;
  begin.epoch = Epoch(told->leader_epoch);
  begin.leader = leader;
  begin.voter = quorum::ReplicaKey(NodeId(request.voter_id), told->voter_directory_id);
  const auto reply = co_await answer(leader, begin);
  co_return epoch_response<protocol::BeginQuorumEpochResponse, quorum::EpochReply>(reply, version);
}

Task<protocol::EndQuorumEpochResponse> MetadataQuorum::end_quorum_epoch(
    protocol::EndQuorumEpochRequest request, std::int16_t version) {
  protocol::EndQuorumEpochResponse response;
  const auto* told = the_partition(request.topics, log_->partition().topic);
  response.error_code = misdirected(request.cluster_id, told != nullptr);
  if (response.error_code != ErrorCode::none) co_return response;
  const NodeId leader(told->leader_id);
  quorum::EndEpoch end;
  end.epoch = Epoch(told->leader_epoch);
  end.leader = leader;
  for (const auto& each : told->preferred_candidates) {
    end.successors.emplace_back(NodeId(each.candidate_id), each.candidate_directory_id);
  }
  if (end.successors.empty()) {
    for (const auto id : told->preferred_successors) end.successors.emplace_back(NodeId(id));
  }
  const auto reply = co_await answer(leader, end);
  co_return epoch_response<protocol::EndQuorumEpochResponse, quorum::EpochReply>(reply, version);
}

Task<protocol::DescribeQuorumResponse> MetadataQuorum::describe_quorum(
    protocol::DescribeQuorumRequest request, std::int16_t version) {
  protocol::DescribeQuorumResponse response;
  response.error_message.reset();
  if (!the_partition(request.topics, log_->partition().topic)) {
    response.error_code = ErrorCode::invalid_request;
    co_return response;
  }
  auto& partition = begin_answer(response, log_->partition().topic);
  partition.error_message.reset();
  partition.leader_id = seen_.leader.value;
  partition.leader_epoch = seen_.epoch.value;
  if (!leads()) {
    partition.error_code = ErrorCode::not_leader_or_follower;
    co_return response;
  }
  describe(partition);
  if (version < 2) co_return response;
  for (const auto& voter : machine_->voters().all()) {
    auto& node = response.nodes.emplace_back();
    node.node_id = voter.id.value;
    const auto& endpoints =
        voter.id == options_.self && voter.endpoints.empty() ? options_.endpoints : voter.endpoints;
    add_endpoints(endpoints, node.listeners);
  }
  co_return response;
}

void MetadataQuorum::describe(protocol::DescribeQuorumResponse::PartitionData& partition) const {
  using State = protocol::DescribeQuorumResponse::ReplicaState;
  const auto& leader = std::get<quorum::Leader>(machine_->role());
  partition.high_watermark = seen_.high_watermark.value;
  const auto fill = [&](State& state, const quorum::Leader::Peer& peer) {
    state.log_end_offset = peer.end.value;
    if (peer.end.value < 0) return;
    state.last_fetch_timestamp = wall_ms(env_, peer.fetched_at);
    if (peer.caught_up_at != Instant::min()) {
      state.last_caught_up_timestamp = wall_ms(env_, peer.caught_up_at);
    }
  };
  for (const auto& voter : machine_->voters().all()) {
    auto& state = partition.current_voters.emplace_back();
    state.replica_id = voter.id.value;
    state.replica_directory_id = voter.directory;
    state.log_end_offset = -1;
    if (voter.id == options_.self) {
      state.log_end_offset = log_->end().value;
      state.last_fetch_timestamp = state.last_caught_up_timestamp = to_ms(env_.clock.wall_now());
    } else if (const auto peer = leader.peers.find(voter.key()); peer != leader.peers.end()) {
      fill(state, peer->second);
    }
  }
  for (const auto& [key, peer] : leader.peers) {
    if (machine_->voters().has(key)) continue;
    auto& state = partition.observers.emplace_back();
    state.replica_id = key.id.value;
    state.replica_directory_id = key.directory;
    fill(state, peer);
  }
}

}  // namespace trialog::replication
