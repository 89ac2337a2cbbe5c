#pragma once

#include <expected>

#include "core/replication/controller_apis.h"
#include "core/replication/isr_channel.h"
#include "core/replication/metadata_host.h"
#include "core/replication/metadata_quorum.h"

namespace trialog::replication {

/// The way to the cluster's controller: a call if it is on this node, else a request to the node
/// that leads the metadata log.
class ControllerChannel {
 public:
  /// Both outlive it. No request takes longer than `request_timeout` to be answered or given up.
  ControllerChannel(Env& env, MetadataQuorum& quorum, MetadataHost& host, Duration request_timeout);

  /// A connection to the node that leads the metadata log; an error if none is known, or it is us.
  /// Not the one by which the log is fetched: on that one everything waits behind the fetch.
  Task<Result<client::ConnectionPool::LinkPtr>> link_to_leader(Instant deadline);

  /// Asks until the controller has answered, also if it moves meanwhile; a request may then have
  /// been carried out before and be answered as what it would be again. After `deadline`:
  /// request_timed_out, or not_controller if nobody was found to ask; kafka_storage_error once this
  /// node has failed.
  template <class Request>
  Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>> ask(Request request,
                                                                                Instant deadline);

  /// The same, but only if the controller is here: for what came from another node.
  template <class Request>
  Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>> ask_here(
      Request request);

 private:
  template <class Request>
  Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>> ask_there(
      const Request& request, Instant deadline);
  static bool is_final(ErrorCode error) { return error == ErrorCode::kafka_storage_error; }

  static constexpr Duration pause = milliseconds(50);

  Env& env_;
  MetadataQuorum& quorum_;
  MetadataHost& host_;
  client::ConnectionOptions options_;
  Signal news_;
  client::ConnectionPool pool_;
};

/// Takes the in-sync sets of the partitions that this node leads to the controller.
class ControllerIsrChannel : public IsrChannel {
 public:
  /// `channel` outlives it.
  ControllerIsrChannel(Env& env, ControllerChannel& channel, Duration timeout)
      : env_(env), channel_(channel), timeout_(timeout) {}

  Task<Result<protocol::AlterPartitionResponse>> alter_partition(
      protocol::AlterPartitionRequest request) override;

 private:
  Env& env_;
  ControllerChannel& channel_;
  Duration timeout_;
};

template <class Request>
Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>>
ControllerChannel::ask_here(Request request) {
  using Api = ControllerApi<Request>;
  const auto decide = [&request](metadata::Controller& controller, Instant now, Ticket ticket) {
    return Api::decide(controller, now, ticket, request);
  };
  auto asked = host_.ask(decide);
  auto reply = co_await asked;
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::get<typename Api::Response>(std::move(*reply));
}

template <class Request>
Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>>
ControllerChannel::ask_there(const Request& request, Instant deadline) {
  using Response = typename ControllerApi<Request>::Response;
  auto link = co_await link_to_leader(deadline);
  if (!link) co_return std::unexpected(ErrorCode::not_controller);
  auto asked = (*link)->template ask<Response>(request);
  auto answer = co_await asked;
  if (!answer) co_return std::unexpected(ErrorCode::network_exception);
  if (not_the_controller(*answer)) co_return std::unexpected(ErrorCode::not_controller);
  co_return std::move(*answer);
}

template <class Request>
Task<std::expected<typename ControllerApi<Request>::Response, ErrorCode>> ControllerChannel::ask(
    Request request, Instant deadline) {
  while (true) {
    if (host_.failed()) co_return std::unexpected(ErrorCode::kafka_storage_error);
    auto asked = host_.controls() ? ask_here(request) : ask_there(request, deadline);
    auto answer = co_await asked;
    if (answer || is_final(answer.error())) co_return answer;
    const auto now = env_.clock.now();
    if (now >= deadline) {
      const bool sent = answer.error() != ErrorCode::not_controller;
      co_return std::unexpected(sent ? ErrorCode::request_timed_out : ErrorCode::not_controller);
    }
    // The controller may begin here meanwhile.
    co_await within(env_.executor, env_.clock, std::min(deadline, now + pause),
                    raised(host_.changed()));
  }
}

}  // namespace trialog::replication
