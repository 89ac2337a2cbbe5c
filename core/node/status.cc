#include "core/node/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/client/connection_pool.h"
#include "core/protocol/messages/describe_quorum.h"

namespace trialog::node {

namespace {

using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;

constexpr const char* metadata_topic = "__cluster_metadata";

DescribeQuorumRequest question() {
  DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = metadata_topic;
  topic.partitions.emplace_back();
  return request;
}

std::string where(const DescribeQuorumResponse& response, std::int32_t id) {
  for (const auto& node : response.nodes) {
    if (node.node_id == id && !node.listeners.empty()) {
      return fmt::format(" at {}:{}", node.listeners[0].host, node.listeners[0].port);
    }
  }
  return "";
}

std::string rendered(const DescribeQuorumResponse& response) {
  if (response.topics.empty() || response.topics[0].partitions.empty()) {
    return "the answer names no quorum\n";
  }
  const auto& quorum = response.topics[0].partitions[0];
  if (quorum.error_code != ErrorCode::none) {
    return fmt::format("the quorum answers with {}\n", error_name(quorum.error_code));
  }
  std::string text = fmt::format("quorum: node {} leads epoch {}, high watermark {}\n",
                                 quorum.leader_id, quorum.leader_epoch, quorum.high_watermark);
  std::int64_t end = 0;
  for (const auto& voter : quorum.current_voters) end = std::max(end, voter.log_end_offset);
  const auto line = [&](const char* kind, const DescribeQuorumResponse::ReplicaState& replica) {
    const auto far = replica.log_end_offset < 0
                         ? std::string("never fetched")
                         : fmt::format("{} behind", end - replica.log_end_offset);
    text += fmt::format("  {} {}{}: {}\n", kind, replica.replica_id,
                        where(response, replica.replica_id), far);
  };
  for (const auto& voter : quorum.current_voters) line("voter", voter);
  for (const auto& observer : quorum.observers) line("observer", observer);
  return text;
}

}  // namespace

Task<Result<std::string>> quorum_status(Env env, std::vector<Endpoint> bootstrap,
                                        Duration timeout) {
  client::ConnectionOptions options;
  options.bootstrap = std::move(bootstrap);
  options.request_timeout = timeout;
  Signal news(env.executor);
  client::ConnectionPool pool(env, options, news);
  NodeId whom(0);
  auto link = co_await pool.any(whom, env.clock.now() + timeout);
  if (!link) co_return failure(link.error());
  const auto request = question();
  auto response = co_await (*link)->ask<DescribeQuorumResponse>(request);
  if (!response) co_return failure(response.error());
  if (response->error_code != ErrorCode::none) {
    co_return fmt::format("the quorum answers with {}\n", error_name(response->error_code));
  }
  co_return rendered(*response);
}

}  // namespace trialog::node
