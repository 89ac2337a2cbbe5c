#include "core/client/offset_lookup.h"

#include <algorithm>
#include <utility>

#include "core/client/backoff.h"
#include "core/protocol/messages/list_offsets.h"

namespace trialog::client {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

ListOffsetsRequest request_for(Cluster& cluster, const std::vector<OffsetQuery>& queries,
                               Isolation isolation, const Link& link) {
  ListOffsetsRequest request;
  request.replica_id = -1;
  const auto version = link.version_of(ListOffsetsRequest::api);
  if (version.value_or(0) >= 2) request.isolation_level = static_cast<std::int8_t>(isolation);
  request.timeout_ms = static_cast<std::int32_t>(
      std::chrono::duration_cast<milliseconds>(cluster.options.request_timeout).count());
  for (const auto& query : queries) {
    if (request.topics.empty() || request.topics.back().name != query.partition.topic) {
      request.topics.emplace_back().name = query.partition.topic;
    }
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = query.partition.partition;
    partition.timestamp = query.time;
    if (const auto leader = cluster.metadata.leader(query.partition)) {
      partition.current_leader_epoch = leader->epoch.value;
    }
  }
  return request;
}

/// One round of asking everybody who leads one of `open`.
class Round {
 public:
  Round(Cluster& cluster, Isolation isolation, Instant deadline)
      : cluster_(cluster), isolation_(isolation), deadline_(deadline) {}

  /// Takes out of `open` what it has found; the last thing that went wrong, if anything did.
  Task<std::optional<ClientError>> run(std::map<TopicPartition, std::int64_t>& open,
                                       std::map<TopicPartition, OffsetAndTime>& found);

 private:
  Task<std::optional<ClientError>> ask(NodeId node, std::vector<OffsetQuery> queries,
                                       std::map<TopicPartition, std::int64_t>& open,
                                       std::map<TopicPartition, OffsetAndTime>& found);

  Cluster& cluster_;
  Isolation isolation_;
  Instant deadline_;
};

Task<std::optional<ClientError>> Round::run(std::map<TopicPartition, std::int64_t>& open,
                                            std::map<TopicPartition, OffsetAndTime>& found) {
  std::optional<ClientError> trouble;
  std::map<NodeId, std::vector<OffsetQuery>> by_leader;
  const auto before = open;
  for (const auto& [partition, time] : before) {
    auto topic = co_await cluster_.metadata.topic(partition.topic, deadline_);
    if (!topic) co_return topic.error();
    const auto leader = cluster_.metadata.leader(partition);
    if (leader) by_leader[leader->node].emplace_back(partition, time);
    if (!leader) trouble = ClientError(ErrorCode::leader_not_available, partition.text());
  }
  for (auto& [node, queries] : by_leader) {
    auto asked = co_await ask(node, std::move(queries), open, found);
    if (asked) trouble = std::move(asked);
  }
  co_return trouble;
}

Task<std::optional<ClientError>> Round::ask(NodeId node, std::vector<OffsetQuery> queries,
                                            std::map<TopicPartition, std::int64_t>& open,
                                            std::map<TopicPartition, OffsetAndTime>& found) {
  auto link = co_await cluster_.pool.link(node, deadline_);
  if (!link) co_return ClientError(link.error());
  auto findings = co_await ask_offsets(cluster_, *link, std::move(queries), isolation_);
  if (!findings) co_return ClientError(findings.error());
  std::optional<ClientError> trouble;
  for (const auto& [partition, finding] : *findings) {
    if (finding.error != ErrorCode::none) {
      trouble = ClientError(finding.error, partition.text());
      continue;
    }
    found[partition] = finding.found;
    open.erase(partition);
  }
  co_return trouble;
}

bool may_pass(const ClientError& error) {
  return error.io() || is_retriable(error.code()) ||
         error.code() == ErrorCode::unknown_topic_or_partition;
}

}  // namespace

Task<Result<OffsetFindings>> ask_offsets(Cluster& cluster, std::shared_ptr<Link> link,
                                         std::vector<OffsetQuery> queries, Isolation isolation) {
  const auto request = request_for(cluster, queries, isolation, *link);
  auto response = co_await link->ask<ListOffsetsResponse>(request);
  if (!response) co_return failure(response.error());
  OffsetFindings findings;
  for (const auto& topic : response->topics) {
    for (const auto& answer : topic.partitions) {
      OffsetFinding finding;
      finding.error = answer.error_code;
      finding.found.offset = Offset(answer.offset);
      finding.found.timestamp = wall_time(answer.timestamp);
      finding.found.leader_epoch = Epoch(answer.leader_epoch);
      findings[TopicPartition(topic.name, answer.partition_index)] = finding;
    }
  }
  co_return findings;
}

Task<Answer<std::map<TopicPartition, OffsetAndTime>>> look_up_offsets(
    Cluster& cluster, std::vector<OffsetQuery> queries, Isolation isolation, Instant deadline) {
  std::map<TopicPartition, std::int64_t> open;
  for (auto& query : queries) open[std::move(query.partition)] = query.time;
  std::map<TopicPartition, OffsetAndTime> found;
  auto random = cluster.env.random.fork("client.offsets");
  Round round(cluster, isolation, deadline);
  for (int failures = 1; true; ++failures) {
    auto trouble = co_await round.run(open, found);
    if (open.empty()) co_return found;
    const ClientError missing(ErrorCode::unknown_server_error, "a broker left partitions out");
    if (!trouble) trouble = missing;
    if (!may_pass(*trouble)) co_return refusal(*trouble);
    cluster.metadata.refresh();
    const auto pause =
        backoff(cluster.options.retry_backoff, cluster.options.retry_backoff_max, failures, random);
    const auto now = cluster.env.clock.now();
    if (now + pause >= deadline) co_return refusal(*trouble);
    co_await cluster.env.clock.sleep(pause);
  }
}

}  // namespace trialog::client
