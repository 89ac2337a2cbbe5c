#include <fmt/format.h>

#include "core/client/link.h"
#include "core/replication/metadata_quorum.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

/// A voter to be has read everything not longer ago than this (Kafka's rule).
constexpr Duration caught_up_age = std::chrono::hours(1);
/// How often a voter to be, which may only be starting, is tried.
constexpr Duration knock_gap = milliseconds(200);
constexpr Duration usual_timeout = seconds(30);
constexpr Duration longest_timeout = seconds(600);

bool names(const std::vector<quorum::VoterEndpoint>& endpoints, const std::string& listener) {
  for (const auto& each : endpoints) {
    if (each.name == listener && !each.host.empty() && each.port != 0) return true;
  }
  return false;
}

std::string reason(ErrorCode error, const quorum::VoterSet& voters) {
  switch (error) {
    case ErrorCode::unsupported_version:
      return "the voters are those of controller.quorum.voters (kraft.version 0)";
    case ErrorCode::duplicate_voter:
      return "a voter has this id already";
    case ErrorCode::voter_not_found:
      return "no voter has this id and directory";
    case ErrorCode::invalid_request:
      return voters.size() == 1 ? "the only voter cannot be removed" : "this is no voter's id";
    case ErrorCode::not_leader_or_follower:
      return "this node does not lead the quorum";
    default:
      return "the change was not committed in time, or another one is not yet";
  }
}

template <class Response>
void fill(Response& response, ErrorCode error, const quorum::VoterSet& voters) {
  response.error_code = error;
  response.error_message.reset();
  if (error != ErrorCode::none) response.error_message = reason(error, voters);
}

}  // namespace

struct MetadataQuorum::Change {
  ErrorCode error = ErrorCode::none;
  Epoch epoch;
  Offset end;
};

Task<void> MetadataQuorum::change_now(Decide decide, std::shared_ptr<Change> change,
                                      OutcomePtr outcome) {
  auto voters = leads() ? decide() : std::unexpected(ErrorCode::not_leader_or_follower);
  if (voters) {
    change->epoch = machine_->epoch();
    auto batch = voters_batch(change->epoch, *voters, env_.clock.wall_now());
    const auto appended = log_->append_as_leader(std::move(batch), change->epoch);
    if (appended) {
      change->end = appended->end;
      machine_->on_appended(quorum::LogEnd(change->epoch, appended->end));
      note_voters(appended->base, std::move(*voters));
      moved_.raise();
    } else {
      fail(error_name(appended.error()));
    }
  } else {
    change->error = voters.error();
  }
  return carry_out(quorum::Effects(), std::move(outcome));
}

/// Decides until the change can be made, appends it, and waits until it is committed.
Task<ErrorCode> MetadataQuorum::change_voters(Decide decide, Instant deadline) {
  auto change = std::make_shared<Change>();
  while (true) {
    auto outcome = std::make_shared<Outcome>();
    change->error = ErrorCode::none;
    submit([this, decide, change, outcome] { return change_now(decide, change, outcome); });
    co_await ended(outcome);
    if (failed_) co_return ErrorCode::kafka_storage_error;
    if (change->error == ErrorCode::none) break;
    if (change->error != ErrorCode::request_timed_out || env_.clock.now() >= deadline) {
      co_return change->error;
    }
    auto news = within(env_.executor, env_.clock,
                       std::min(deadline, env_.clock.now() + milliseconds(100)), raised(moved_));
    co_await news;
  }
  while (seen_.high_watermark < change->end && !failed_) {
    if (!leads() || machine_->epoch() != change->epoch) co_return ErrorCode::not_leader_or_follower;
    if (env_.clock.now() >= deadline) co_return ErrorCode::request_timed_out;
    auto news = within(env_.executor, env_.clock, deadline, raised(moved_));
    co_await news;
  }
  co_return failed_ ? ErrorCode::kafka_storage_error : ErrorCode::none;
}

/// A connection of its own: on the one that fetches, an answer that waits for our next fetch would
/// keep that fetch's answer waiting.
Task<Result<std::unique_ptr<client::Link>>> MetadataQuorum::connect(Endpoint at, Instant deadline) {
  auto connecting = within(env_.executor, env_.clock, deadline, env_.network.connect(at));
  auto connection = co_await connecting;
  if (!connection) co_return failure(IoError::Kind::timed_out, at.text() + " does not answer");
  if (!*connection) co_return failure((*connection).error());
  auto link = std::make_unique<client::Link>(env_, peers_.connection_options(), link_news_,
                                             std::move(**connection));
  auto agreed = co_await link->negotiate();
  if (!agreed) co_return failure(agreed.error());
  co_return link;
}

/// A voter that cannot be reached would count and never answer.
Task<Status> MetadataQuorum::reachable(quorum::Voter voter, Instant deadline) {
  const auto at = *peers_.endpoint_of(voter.endpoints);
  auto link = co_await connect(at, deadline);
  if (!link) co_return failure(link.error());
  if ((*link)->version_of(protocol::VoteRequest::api)) co_return Status();
  co_return failure(IoError::Kind::refused, at.text() + " is no controller");
}

Task<protocol::AddRaftVoterResponse> MetadataQuorum::add_raft_voter(
    protocol::AddRaftVoterRequest request) {
  protocol::AddRaftVoterResponse response;
  quorum::Voter voter{NodeId(request.voter_id), request.voter_directory_id};
  voter.endpoints = endpoints_in(request.listeners);
  if (!is_ours(request.cluster_id)) {
    response.error_code = ErrorCode::inconsistent_cluster_id;
    co_return response;
  }
  if (voter.id.value < 0 || voter.directory.is_zero() ||
      !names(voter.endpoints, options_.listener)) {
    response.error_code = ErrorCode::invalid_request;
    response.error_message =
        "a voter needs an id, a directory, and an endpoint of the listener " + options_.listener;
    co_return response;
  }
  const auto possible =
      leads() ? machine_->adding(voter) : std::unexpected(ErrorCode::not_leader_or_follower);
  if (!possible && possible.error() != ErrorCode::request_timed_out) {
    fill(response, possible.error(), voters());
    co_return response;
  }
  const auto asked = request.timeout_ms > 0 ? milliseconds(request.timeout_ms) : usual_timeout;
  const auto deadline = env_.clock.now() + std::min<Duration>(asked, longest_timeout);
  auto reached = co_await reachable(voter, deadline);
  while (!reached && env_.clock.now() + knock_gap < deadline && leads()) {
    co_await env_.clock.sleep(knock_gap);
    reached = co_await reachable(voter, deadline);
  }
  if (!reached) {
    response.error_code = ErrorCode::request_timed_out;
    response.error_message = "the voter cannot be reached: " + reached.error().what();
    co_return response;
  }
  Decide decide = [this, voter]() -> std::expected<quorum::VoterSet, ErrorCode> {
    auto voters = machine_->adding(voter);
    const bool ready = machine_->caught_up(env_.clock.now(), voter.key(), caught_up_age);
    if (voters && !ready) return std::unexpected(ErrorCode::request_timed_out);
    return voters;
  };
  auto changing = change_voters(std::move(decide), deadline);
  const auto error = co_await changing;
  fill(response, error, voters());
  co_return response;
}

Task<protocol::RemoveRaftVoterResponse> MetadataQuorum::remove_raft_voter(
    protocol::RemoveRaftVoterRequest request) {
  protocol::RemoveRaftVoterResponse response;
  if (!is_ours(request.cluster_id)) {
    response.error_code = ErrorCode::inconsistent_cluster_id;
    co_return response;
  }
  const quorum::ReplicaKey key(NodeId(request.voter_id), request.voter_directory_id);
  Decide decide = [this, key] { return machine_->removing(key); };
  const auto deadline = env_.clock.now() + usual_timeout;
  auto changing = change_voters(std::move(decide), deadline);
  const auto error = co_await changing;
  fill(response, error, voters());
  co_return response;
}

Task<protocol::UpdateRaftVoterResponse> MetadataQuorum::update_raft_voter(
    protocol::UpdateRaftVoterRequest request) {
  protocol::UpdateRaftVoterResponse response;
  response.current_leader.leader_id = seen_.leader.value;
  response.current_leader.leader_epoch = seen_.epoch.value;
  if (const auto at = seen_.leader == options_.self ? peers_.endpoint_of(options_.endpoints)
                                                    : peers_.endpoint(seen_.leader)) {
    response.current_leader.host = at->host();
    response.current_leader.port = at->port();
  }
  quorum::Voter voter{NodeId(request.voter_id), request.voter_directory_id};
  voter.endpoints = endpoints_in(request.listeners);
  voter.min_version = request.k_raft_version_feature.min_supported_version;
  voter.max_version = request.k_raft_version_feature.max_supported_version;
  response.error_code = refusal(Epoch(request.current_leader_epoch));
  if (!is_ours(request.cluster_id)) {
    response.error_code = ErrorCode::inconsistent_cluster_id;
  } else if (response.error_code == ErrorCode::none && !names(voter.endpoints, options_.listener)) {
    response.error_code = ErrorCode::invalid_request;
  }
  // Where voters are is not recorded then, but configured.
  if (response.error_code != ErrorCode::none || !machine_->history().recorded()) co_return response;
  Decide decide = [this, voter] { return machine_->updating(voter); };
  const auto deadline = env_.clock.now() + usual_timeout;
  auto changing = change_voters(std::move(decide), deadline);
  response.error_code = co_await changing;
  co_return response;
}

/// A voter that has moved tells the leader once in each epoch (KIP-853).
bool MetadataQuorum::should_tell_where_we_are() const {
  if (!machine_->history().recorded() || !machine_->is_voter() || options_.endpoints.empty()) {
    return false;
  }
  const auto* written = machine_->voters().find(options_.self);
  return written->endpoints != options_.endpoints && told_in_ != machine_->epoch();
}

Task<void> MetadataQuorum::tell_where_we_are(NodeId leader) {
  const auto at = peers_.endpoint(leader);
  const auto* written = machine_->voters().find(options_.self);
  if (!at || !written) co_return;
  protocol::UpdateRaftVoterRequest request;
  request.cluster_id = options_.cluster_id;
  request.current_leader_epoch = machine_->epoch().value;
  request.voter_id = options_.self.value;
  request.voter_directory_id = options_.directory;
  request.k_raft_version_feature.min_supported_version = written->min_version;
  request.k_raft_version_feature.max_supported_version = written->max_version;
  add_endpoints(options_.endpoints, request.listeners);
  auto link = co_await connect(*at, env_.clock.now() + options_.request_timeout);
  if (!link) co_return;
  auto sent = (*link)->ask<protocol::UpdateRaftVoterResponse>(request, usual_timeout);
  auto told = co_await sent;
  const auto error = told ? told->error_code : ErrorCode::network_exception;
  if (error == ErrorCode::none) co_return;
  env_.trace.note(Level::info, "quorum.not_moved", error_name(error));
}

}  // namespace trialog::replication
