#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

constexpr Duration patience = seconds(5);  // For a leader to be found.

/// The leader's answer, if it is another node and a client asks.
template <class Response, class Request>
Task<std::optional<Response>> ask_leader(Broker& broker, const Context& context,
                                         const Request& request) {
  const bool pass_on = context.client().side() == Side::clients && !broker.quorum.leads();
  if (!pass_on) co_return std::optional<Response>();
  auto link = co_await broker.controller.link_to_leader(broker.env.clock.now() + patience);
  if (!link) co_return std::optional<Response>();
  auto asked = (*link)->template ask<Response>(request);
  auto answer = co_await asked;
  if (!answer) co_return std::optional<Response>();
  co_return std::move(*answer);
}

}  // namespace

Task<protocol::DescribeQuorumResponse> describe_quorum(Broker& broker, const Context& context,
                                                       protocol::DescribeQuorumRequest request) {
  auto asked = ask_leader<protocol::DescribeQuorumResponse>(broker, context, request);
  auto answer = co_await asked;
  if (answer) co_return std::move(*answer);
  co_return co_await broker.quorum.describe_quorum(std::move(request), context.version());
}

Task<protocol::AddRaftVoterResponse> add_raft_voter(Broker& broker, const Context& context,
                                                    protocol::AddRaftVoterRequest request) {
  auto asked = ask_leader<protocol::AddRaftVoterResponse>(broker, context, request);
  auto answer = co_await asked;
  if (answer) co_return std::move(*answer);
  co_return co_await broker.quorum.add_raft_voter(std::move(request));
}

Task<protocol::RemoveRaftVoterResponse> remove_raft_voter(
    Broker& broker, const Context& context, protocol::RemoveRaftVoterRequest request) {
  auto asked = ask_leader<protocol::RemoveRaftVoterResponse>(broker, context, request);
  auto answer = co_await asked;
  if (answer) co_return std::move(*answer);
  co_return co_await broker.quorum.remove_raft_voter(std::move(request));
}

Task<protocol::FetchResponse> fetch_metadata(Broker& broker, const Context& context,
                                             protocol::FetchRequest request) {
  return broker.quorum.fetch(std::move(request), context.version());
}

Task<protocol::FetchSnapshotResponse> fetch_snapshot(Broker& broker, const Context& context,
                                                     protocol::FetchSnapshotRequest request) {
  return broker.quorum.fetch_snapshot(std::move(request), context.version());
}

Task<protocol::VoteResponse> vote(Broker& broker, const Context& context,
                                  protocol::VoteRequest request) {
  return broker.quorum.vote(std::move(request), context.version());
}

Task<protocol::BeginQuorumEpochResponse> begin_quorum_epoch(
    Broker& broker, const Context& context, protocol::BeginQuorumEpochRequest request) {
  return broker.quorum.begin_quorum_epoch(std::move(request), context.version());
}

Task<protocol::EndQuorumEpochResponse> end_quorum_epoch(Broker& broker, const Context& context,
                                                        protocol::EndQuorumEpochRequest request) {
  return broker.quorum.end_quorum_epoch(std::move(request), context.version());
}

Task<protocol::UpdateRaftVoterResponse> update_raft_voter(
    Broker& broker, const Context&, protocol::UpdateRaftVoterRequest request) {
  return broker.quorum.update_raft_voter(std::move(request));
}

}  // namespace trialog::broker::handlers
