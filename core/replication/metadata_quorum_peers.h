#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/client/connection_pool.h"
#include "core/env/env.h"
#include "core/quorum/messages.h"

namespace trialog::replication {

/// What a node must know to take part in the quorum of the metadata log. Kafka's names and
/// defaults, where it has any.
struct QuorumOptions {
  NodeId self;
  Uuid directory;
  std::string cluster_id;
  /// process.roles holds "controller": it may vote. Others only fetch.
  bool voter = true;
  /// controller.quorum.voters: who votes as long as the log does not say (kraft.version 0). Their
  /// directories are zero.
  std::vector<quorum::Voter> static_voters;
  /// controller.quorum.bootstrap.servers: whom to ask for the leader.
  std::vector<Endpoint> bootstrap;
  /// The listener by which the quorum is reached, and where our own ones are.
  std::string listener = "CONTROLLER";
  std::vector<quorum::VoterEndpoint> endpoints;

  Duration election_timeout = seconds(1);
  Duration election_backoff_max = seconds(1);
  Duration fetch_timeout = seconds(2);
  Duration request_timeout = seconds(2);
  Duration retry_backoff = milliseconds(20);
  std::int32_t fetch_max_bytes = 1 << 20;
  std::int32_t fetch_snapshot_max_bytes = 1 << 20;
};

/// The other members of the quorum, as this node reaches them: where they are, and what was heard
/// of them last. What is sent may be lost.
class QuorumPeers {
 public:
  /// `answered` gets each answer, from the peer that was asked.
  using Answered = std::function<void(NodeId from, quorum::Message reply)>;

  /// `env` and `options` must outlive it.
  QuorumPeers(Env& env, const QuorumOptions& options, Answered answered);

  /// Where the voters are; whoever else was learnt of stays known.
  void know(const quorum::VoterSet& voters);
  void learn(NodeId id, Endpoint at);
  /// The one of `endpoints` by which the quorum is reached; nothing if there is none.
  std::optional<Endpoint> endpoint_of(const std::vector<quorum::VoterEndpoint>& endpoints) const;
  std::optional<Endpoint> endpoint(NodeId id) const;
  /// All that can be asked, in order: known nodes, and the bootstrap servers as -1, -2 ...
  std::vector<NodeId> all() const;

  /// Returns at once; never waits for the peer.
  void send(const quorum::Envelope& envelope);
  /// Returns when nothing that was sent is without an answer.
  Task<void> all_answered() { return asking_.all_done(); }
  /// A standing connection, waited for.
  Task<Result<client::ConnectionPool::LinkPtr>> link(NodeId id, Instant deadline) {
    return pool_.link(id, deadline);
  }

  const client::ConnectionOptions& connection_options() const { return connection_; }

  void heard_from(NodeId id);
  void lost(NodeId id, const IoError& error);
  /// Whether it was heard of since `when`.
  bool heard_since(NodeId id, Instant when) const;
  /// "2 at host:9093 (refused)".
  std::string text(NodeId id) const;

 private:
  struct Peer {
    Endpoint at;
    bool voter = false;
    Instant heard = Instant::min();
    std::string trouble;
  };

  Task<void> ask(quorum::Envelope envelope);
  template <class Response, class Request>
  Task<Result<Response>> round_trip(NodeId to, Request request);
  Task<std::optional<quorum::Message>> ask_for(NodeId to, quorum::Vote vote);
  Task<std::optional<quorum::Message>> tell(quorum::ReplicaKey to, quorum::BeginEpoch begin);
  Task<std::optional<quorum::Message>> tell(NodeId to, quorum::EndEpoch end);
  template <class Response>
  void learn_from(const Response& response);
  void relearn();

  Env& env_;
  const QuorumOptions& options_;
  Answered answered_;
  client::ConnectionOptions connection_;
  Signal news_;
  std::map<NodeId, Peer> peers_;
  client::ConnectionPool pool_;
  TaskGroup asking_;
};

}  // namespace trialog::replication
