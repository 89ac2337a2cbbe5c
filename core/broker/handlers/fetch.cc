#include <algorithm>
#include <map>
#include <set>

#include "core/base/check.h"
#include "core/broker/fetch_read.h"
#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using PartitionData = FetchResponse::PartitionData;

constexpr std::int16_t racks_since = 11;
constexpr std::int16_t topic_ids_since = 13;
constexpr std::int16_t replica_state_since = 15;
constexpr std::int16_t zstd_since = 10;
constexpr std::int16_t endpoints_since = 16;
constexpr std::int8_t read_committed = 1;

FetchKey key_of(const Context& context, const std::string& topic, const Uuid& id,
                std::int32_t partition) {
  FetchKey key;
  if (context.version() >= topic_ids_since) {
    key.topic_id = id;
  } else {
    key.topic = topic;
  }
  key.partition = partition;
  return key;
}

FetchSessions::Request session_request(const Context& context, const FetchRequest& request) {
  FetchSessions::Request wanted;
  wanted.session_id = request.session_id;
  wanted.epoch = request.session_epoch;
  wanted.uses_topic_ids = context.version() >= topic_ids_since;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      auto& wish = wanted.wishes.emplace_back();
      wish.key = key_of(context, topic.topic, topic.topic_id, partition.partition);
      wish.offset = Offset(partition.fetch_offset);
      wish.max_bytes = partition.partition_max_bytes;
      wish.current_leader_epoch = Epoch(partition.current_leader_epoch);
      wish.last_fetched_epoch = Epoch(partition.last_fetched_epoch);
      wish.log_start = Offset(partition.log_start_offset);
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const auto partition : topic.partitions) {
      wanted.forgotten.push_back(key_of(context, topic.topic, topic.topic_id, partition));
    }
  }
  return wanted;
}

FetchReader reader_of(const Context& context, const FetchRequest& request) {
  FetchReader reader;
  const bool has_state = context.version() >= replica_state_since;
  reader.replica = NodeId(has_state ? request.replica_state.replica_id : request.replica_id);
  if (has_state) reader.broker_epoch = request.replica_state.replica_epoch;
  reader.rack = request.rack_id;
  reader.knows_followers = context.version() >= racks_since;
  return reader;
}

FetchLimits limits_of(const Broker& broker, const FetchRequest& request) {
  FetchLimits limits;
  limits.max_bytes = std::max(std::min(request.max_bytes, broker.options.fetch_max_bytes), 0);
  limits.min_bytes = std::min<std::int64_t>(request.min_bytes, limits.max_bytes);
  limits.max_wait = milliseconds(std::max(request.max_wait_ms, 0));
  return limits;
}

/// One answer in the making.
class Answering {
 public:
  Answering(Broker& broker, const Context& context, const FetchRequest& request,
            FetchContext& session)
      : broker_(broker),
        context_(context),
        committed_only_(request.isolation_level == read_committed),
        session_(session) {}

  FetchResponse answer(std::vector<FetchedPartition>& partitions) {
    FetchResponse response;
    for (auto& partition : partitions) refuse_old_clients_zstd(partition);
    response.session_id = session_id(partitions);
    for (auto& partition : partitions) {
      const bool incremental = session_.kind == FetchContext::Kind::incremental;
      if (incremental && !session_.session->must_tell(partition.wish.key, partition.outcome())) {
        continue;
      }
      topic_in(response, partition).partitions.push_back(data_of(partition, response));
    }
    return response;
  }

 private:
  std::int32_t session_id(const std::vector<FetchedPartition>& partitions) {
    switch (session_.kind) {
      case FetchContext::Kind::sessionless:
        return 0;
      case FetchContext::Kind::incremental:
        return session_.session->id();
      case FetchContext::Kind::full:
        break;
    }
    std::vector<FetchWish> wishes;
    std::vector<FetchOutcome> outcomes;
    for (const auto& partition : partitions) {
      wishes.push_back(partition.wish);
      outcomes.push_back(partition.outcome());
    }
    return broker_.sessions.remember(broker_.env.clock.now(), context_.version() >= topic_ids_since,
                                     std::move(wishes), outcomes);
  }

  /// Kafka goes by the topic's setting, not by the batches.
  void refuse_old_clients_zstd(FetchedPartition& partition) const {
    if (context_.version() >= zstd_since || partition.replica == nullptr) return;
    if (broker_.settings_of(*partition.replica->topic).options.compression_type != "zstd") return;
    partition.error = ErrorCode::unsupported_compression_type;
    partition.records = Chain();
  }

  /// Partitions of a topic that follow each other share an entry.
  FetchResponse::FetchableTopicResponse& topic_in(FetchResponse& response,
                                                  const FetchedPartition& partition) const {
    const auto& key = partition.wish.key;
    auto& topics = response.responses;
    if (topics.empty() || topics.back().topic != key.topic ||
        topics.back().topic_id != key.topic_id) {
      auto& topic = topics.emplace_back();
      topic.topic = key.topic;
      topic.topic_id = key.topic_id;
    }
    return topics.back();
  }

  PartitionData data_of(FetchedPartition& partition, FetchResponse& response) const {
    PartitionData data;
    data.partition_index = partition.wish.key.partition;
    data.error_code = partition.error;
    data.high_watermark = partition.high_watermark.value;
    data.last_stable_offset = partition.high_watermark.value;  // No transactions, so far.
    data.log_start_offset = partition.log_start.value;
    data.aborted_transactions.reset();
    if (committed_only_ && partition.error == ErrorCode::none) {
      data.aborted_transactions.emplace();
    }
    data.preferred_read_replica = partition.preferred.value;
    if (partition.diverging) {
      data.diverging_epoch.epoch = partition.diverging->epoch.value;
      data.diverging_epoch.end_offset = partition.diverging->end.value;
    }
    if (partition.error == ErrorCode::not_leader_or_follower ||
        partition.error == ErrorCode::fenced_leader_epoch) {
      tell_leader(partition, data, response);
    }
    data.records = std::move(partition.records);
    return data;
  }

  /// From version 16 on, a client that asked the wrong node hears whom to ask (KIP-951).
  void tell_leader(const FetchedPartition& partition, PartitionData& data,
                   FetchResponse& response) const {
    const auto image = broker_.image();
    const auto* decided = image->partition(partition.topic, partition.wish.key.partition);
    if (context_.version() < endpoints_since || decided == nullptr) return;
    data.current_leader.leader_id = decided->leader.value;
    data.current_leader.leader_epoch = decided->leader_epoch.value;
    const auto* leader = image->broker(decided->leader);
    const auto* endpoint =
        leader == nullptr ? nullptr : leader->endpoint(context_.client().listener());
    const bool told = std::ranges::any_of(response.node_endpoints, [&](const auto& node) {
      return node.node_id == decided->leader.value;
    });
    if (endpoint == nullptr || told) return;
    auto& node = response.node_endpoints.emplace_back();
    node.node_id = decided->leader.value;
    node.host = endpoint->host;
    node.port = endpoint->port;
    node.rack = leader->rack;
  }

  Broker& broker_;
  const Context& context_;
  bool committed_only_;
  FetchContext& session_;
};

}  // namespace

Task<FetchResponse> fetch(Broker& broker, const Context& context, FetchRequest request) {
  auto session = broker.sessions.begin(broker.env.clock.now(), session_request(context, request));
  if (!session) {
    FetchResponse refusal;
    refusal.error_code = session.error();
    co_return refusal;
  }
  FetchRead read(FetchSource(broker), reader_of(context, request), limits_of(broker, request),
                 std::move(session->wishes));
  co_await read.run();
  Answering answering(broker, context, request, *session);
  co_return answering.answer(read.partitions());
}

}  // namespace trialog::broker::handlers
