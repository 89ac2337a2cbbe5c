#include "core/replication/controller_channel.h"

namespace trialog::replication {

namespace {

client::ConnectionOptions connection_options(Duration request_timeout) {
  client::ConnectionOptions options;
  options.client_id = "controller-channel";
  options.request_timeout = request_timeout;
  options.connection_setup_timeout = request_timeout;
  options.reconnect_backoff_max = milliseconds(500);
  return options;
}

}  // namespace

ControllerChannel::ControllerChannel(Env& env, MetadataQuorum& quorum, MetadataHost& host,
                                     Duration request_timeout)
    : env_(env),
      quorum_(quorum),
      host_(host),
      options_(connection_options(request_timeout)),
      news_(env.executor),
      pool_(env, options_, news_) {}

Task<Result<client::ConnectionPool::LinkPtr>> ControllerChannel::link_to_leader(Instant deadline) {
  const auto leader = quorum_.leader();
  const auto at = leader == quorum_.self() ? std::nullopt : quorum_.endpoint(leader);
  if (!at) co_return failure(IoError::Kind::not_found, "no other node is known to lead the quorum");
  std::map<NodeId, Endpoint> only;
  only.emplace(leader, *at);
  pool_.learn(only);
  co_return co_await pool_.link(leader, deadline);
}

Task<Result<protocol::AlterPartitionResponse>> ControllerIsrChannel::alter_partition(
    protocol::AlterPartitionRequest request) {
  auto asked = channel_.ask(std::move(request), env_.clock.now() + timeout_);
  auto answer = co_await asked;
  if (answer) co_return std::move(*answer);
  co_return failure(IoError::Kind::timed_out, std::string(error_name(answer.error())));
}

}  // namespace trialog::replication
