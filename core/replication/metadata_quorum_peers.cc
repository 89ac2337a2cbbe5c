#include "core/replication/metadata_quorum_peers.h"

#include "core/protocol/messages/begin_quorum_epoch.h"
#include "core/protocol/messages/end_quorum_epoch.h"
#include "core/protocol/messages/vote.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

using namespace protocol;  // NOLINT: only messages are named below.

constexpr const char* topic = "__cluster_metadata";

/// Nodes that were once learnt of and do not vote; as many as there may be leaders to come.
constexpr std::size_t most_peers = 1000;

client::ConnectionOptions options_for_links(const QuorumOptions& options) {
  client::ConnectionOptions connection;
  connection.bootstrap = options.bootstrap;
  connection.client_id = "raft-client-" + std::to_string(options.self.value);
  connection.request_timeout = options.request_timeout;
  connection.connection_setup_timeout = options.request_timeout;
  connection.reconnect_backoff = options.retry_backoff;
  connection.reconnect_backoff_max = std::max(options.retry_backoff, Duration(milliseconds(200)));
  return connection;
}

std::optional<NodeId> leader_in(std::int32_t id) {
  return id < 0 ? std::nullopt : std::optional(NodeId(id));
}

/// The answer about the one partition there is; null if it is not there.
template <class Response>
const typename Response::PartitionData* the_partition(const Response& response) {
  if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) return nullptr;
  return &response.topics[0].partitions[0];
}

template <class Response>
std::optional<quorum::Message> epoch_reply(const Response& response) {
  const auto* answer = the_partition(response);
  if (response.error_code != ErrorCode::none || !answer) return std::nullopt;
  return quorum::EpochReply(answer->error_code, Epoch(answer->leader_epoch),
                            leader_in(answer->leader_id));
}

}  // namespace

QuorumPeers::QuorumPeers(Env& env, const QuorumOptions& options, Answered answered)
    : env_(env),
      options_(options),
      answered_(std::move(answered)),
      connection_(options_for_links(options)),
      news_(env.executor),
      pool_(env, connection_, news_),
      asking_(env.executor) {}

std::optional<Endpoint> QuorumPeers::endpoint_of(
    const std::vector<quorum::VoterEndpoint>& endpoints) const {
  const quorum::VoterEndpoint* best = nullptr;
  for (const auto& each : endpoints) {
    if (!best || each.name == options_.listener) best = &each;
    if (each.name == options_.listener) break;
  }
  return best ? std::optional(Endpoint(best->host, best->port)) : std::nullopt;
}

void QuorumPeers::know(const quorum::VoterSet& voters) {
  for (auto& [id, peer] : peers_) peer.voter = voters.find(id) != nullptr;
  for (const auto& voter : voters.all()) {
    const auto at = endpoint_of(voter.endpoints);
    if (voter.id == options_.self || !at) continue;
    auto& peer = peers_[voter.id];
    peer.at = *at;
    peer.voter = true;
  }
  relearn();
}

void QuorumPeers::learn(NodeId id, Endpoint at) {
  if (id.value < 0 || id == options_.self || at.host().empty() || at.port() == 0) return;
  const auto known = peers_.find(id);
  // Where voters are the log says, or the options do.
  if (known != peers_.end() && (known->second.voter || known->second.at == at)) return;
  if (known == peers_.end() && peers_.size() >= most_peers) return;
  peers_[id].at = std::move(at);
  relearn();
}

void QuorumPeers::relearn() {
  std::map<NodeId, Endpoint> brokers;
  for (const auto& [id, peer] : peers_) brokers[id] = peer.at;
  pool_.learn(brokers);
}

std::optional<Endpoint> QuorumPeers::endpoint(NodeId id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? std::nullopt : std::optional(found->second.at);
}

std::vector<NodeId> QuorumPeers::all() const {
  std::vector<NodeId> ids;
  for (const auto& [id, peer] : peers_) ids.push_back(id);
  for (std::size_t i = 0; i < options_.bootstrap.size(); ++i) {
    ids.push_back(NodeId(-1 - static_cast<std::int32_t>(i)));
  }
  return ids;
}

void QuorumPeers::heard_from(NodeId id) {
  if (const auto found = peers_.find(id); found != peers_.end()) {
    found->second.heard = env_.clock.now();
    found->second.trouble.clear();
  }
}

void QuorumPeers::lost(NodeId id, const IoError& error) {
  if (const auto found = peers_.find(id); found != peers_.end()) {
    found->second.trouble = error.what();
  }
}

bool QuorumPeers::heard_since(NodeId id, Instant when) const {
  const auto found = peers_.find(id);
  return found != peers_.end() && found->second.heard >= when;
}

std::string QuorumPeers::text(NodeId id) const {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return std::to_string(id.value) + " at an unknown place";
  std::string text = std::to_string(id.value) + " at " + found->second.at.text();
  if (!found->second.trouble.empty()) text += " (" + found->second.trouble + ")";
  return text;
}

void QuorumPeers::send(const quorum::Envelope& envelope) {
  asking_.spawn("quorum.ask", ask(envelope));
}

Task<void> QuorumPeers::ask(quorum::Envelope envelope) {
  std::optional<quorum::Message> reply;
  if (const auto* vote = std::get_if<quorum::Vote>(&envelope.message)) {
    reply = co_await ask_for(envelope.to.id, *vote);
  } else if (const auto* begin = std::get_if<quorum::BeginEpoch>(&envelope.message)) {
    reply = co_await tell(envelope.to, *begin);
  } else if (const auto* end = std::get_if<quorum::EndEpoch>(&envelope.message)) {
    reply = co_await tell(envelope.to.id, *end);
  }
  if (reply) answered_(envelope.to.id, *reply);
}

template <class Response, class Request>
Task<Result<Response>> QuorumPeers::round_trip(NodeId to, Request request) {
  const auto deadline = env_.clock.now() + options_.request_timeout;
  auto link = co_await pool_.link(to, deadline);
  if (!link) {
    lost(to, link.error());
    co_return failure(link.error());
  }
  auto asked = (*link)->template ask<Response>(request);
  auto response = co_await asked;
  if (response) {
    heard_from(to);
    learn_from(*response);
    if (response->error_code != ErrorCode::none) {
      lost(to, IoError(IoError::Kind::refused, std::string(error_name(response->error_code))));
    }
  } else {
    lost(to, response.error());
  }
  co_return response;
}

template <class Response>
void QuorumPeers::learn_from(const Response& response) {
  for (const auto& node : response.node_endpoints) {
    learn(NodeId(node.node_id), Endpoint(node.host, node.port));
  }
}

Task<std::optional<quorum::Message>> QuorumPeers::ask_for(NodeId to, quorum::Vote vote) {
  VoteRequest request;
  request.cluster_id = options_.cluster_id;
  request.voter_id = to.value;
  auto& named = request.topics.emplace_back();
  named.topic_name = topic;
  auto& asked = named.partitions.emplace_back();
  asked.replica_epoch = vote.epoch.value;
  asked.replica_id = vote.candidate.id.value;
  asked.replica_directory_id = vote.candidate.directory;
  asked.voter_directory_id = vote.voter.directory;
  asked.last_offset_epoch = vote.log.last_epoch.value;
  asked.last_offset = vote.log.end.value;
  asked.pre_vote = vote.pre_vote;
  auto response = co_await round_trip<VoteResponse>(to, std::move(request));
  const auto* answer = response ? the_partition(*response) : nullptr;
  if (!answer || response->error_code != ErrorCode::none) co_return std::nullopt;
  quorum::VoteReply reply{answer->error_code, Epoch(answer->leader_epoch),
                          leader_in(answer->leader_id)};
  reply.granted = answer->vote_granted;
  reply.pre_vote = vote.pre_vote;
  co_return std::optional<quorum::Message>(reply);
}

Task<std::optional<quorum::Message>> QuorumPeers::tell(quorum::ReplicaKey to,
                                                       quorum::BeginEpoch begin) {
  BeginQuorumEpochRequest request;
  request.cluster_id = options_.cluster_id;
  request.voter_id = to.id.value;
  auto& named = request.topics.emplace_back();
  named.topic_name = topic;
  auto& told = named.partitions.emplace_back();
  told.voter_directory_id = to.directory;
  told.leader_id = begin.leader.value;
  told.leader_epoch = begin.epoch.value;
  add_endpoints(options_.endpoints, request.leader_endpoints);
  auto response = co_await round_trip<BeginQuorumEpochResponse>(to.id, std::move(request));
  if (!response) co_return std::nullopt;
  co_return epoch_reply(*response);
}

Task<std::optional<quorum::Message>> QuorumPeers::tell(NodeId to, quorum::EndEpoch end) {
  EndQuorumEpochRequest request;
  request.cluster_id = options_.cluster_id;
  auto& named = request.topics.emplace_back();
  named.topic_name = topic;
  auto& told = named.partitions.emplace_back();
  told.leader_id = end.leader.value;
  told.leader_epoch = end.epoch.value;
  for (const auto& key : end.successors) {
    told.preferred_successors.push_back(key.id.value);
    auto& candidate = told.preferred_candidates.emplace_back();
    candidate.candidate_id = key.id.value;
    candidate.candidate_directory_id = key.directory;
  }
  add_endpoints(options_.endpoints, request.leader_endpoints);
  auto response = co_await round_trip<EndQuorumEpochResponse>(to, std::move(request));
  if (!response) co_return std::nullopt;
  co_return epoch_reply(*response);
}

}  // namespace trialog::replication
