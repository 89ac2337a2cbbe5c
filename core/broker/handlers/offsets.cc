#include <algorithm>
#include <set>

#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using PartitionRequest = ListOffsetsRequest::ListOffsetsPartition;
using PartitionResponse = ListOffsetsResponse::ListOffsetsPartitionResponse;

// The timestamps that are none, and since which version they may be asked for.
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t earliest_local = -4;
constexpr std::int64_t latest_tiered = -5;
constexpr std::int64_t earliest_pending_upload = -6;
constexpr std::int32_t consumer = -1;
constexpr std::int16_t leader_epochs_since = 4;
constexpr std::int16_t offset_not_available_since = 5;

bool knows(std::int16_t version, std::int64_t timestamp) {
  if (timestamp >= earliest) return true;
  if (timestamp == max_timestamp) return version >= 7;
  if (timestamp == earliest_local) return version >= 8;
  if (timestamp == latest_tiered) return version >= 9;
  return timestamp == earliest_pending_upload && version >= 11;
}

/// The replica that answers for the partition, or why there is none.
std::shared_ptr<replication::Replica> leading_replica(const Broker& broker, std::string_view topic,
                                                      std::int32_t partition, Epoch current,
                                                      ErrorCode& error) {
  if (broker.image()->partition(topic, partition) == nullptr) {
    error = ErrorCode::unknown_topic_or_partition;
    return nullptr;
  }
  auto replica = broker.replicas.find(topic, partition);
  error = leadership_error(broker, replica.get(), current);
  return error == ErrorCode::none ? replica : nullptr;
}

/// A new leader does not know yet all that its predecessors called committed; until it does,
/// clients must not see its watermark stand before theirs (KIP-207).
bool is_behind(const replication::Replica& replica) {
  const auto* leading = replica.leading();
  return leading != nullptr && replica.high_watermark() < leading->epoch_start;
}

Task<void> look_up(const replication::Replica& replica, std::int64_t timestamp,
                   std::int32_t replica_id, std::int16_t version, PartitionResponse& response) {
  const auto log = replica.log;
  const auto say = [&](Offset offset, Epoch epoch) {
    response.offset = offset.value;
    response.leader_epoch = epoch.value;
  };
  const auto end = replica.high_watermark();
  const bool by_time = timestamp == max_timestamp || timestamp >= 0;
  if (replica_id == consumer && (timestamp == latest || by_time) && is_behind(replica)) {
    response.error_code = version >= offset_not_available_since ? ErrorCode::offset_not_available
                                                                : ErrorCode::leader_not_available;
  } else if (timestamp == latest) {
    say(replica_id == consumer ? end : log->end(), log->latest_epoch());
  } else if (timestamp == earliest || timestamp == earliest_local) {
    say(log->start(), log->epoch_at(log->start()));
  } else if (by_time) {
    auto search = timestamp == max_timestamp ? log->largest_timestamp(end)
                                             : log->first_at_or_after(wall_time(timestamp), end);
    auto found = co_await search;
    if (!found) {
      response.error_code = ErrorCode::kafka_storage_error;
    } else if (*found) {
      say((*found)->offset, (*found)->leader_epoch);
      response.timestamp = to_ms((*found)->timestamp);
    }
  }
  // What remains is about tiered storage, which there is none of: no offset.
  if (version < leader_epochs_since) response.leader_epoch = no_epoch.value;
}

}  // namespace

Task<ListOffsetsResponse> list_offsets(Broker& broker, const Context& context,
                                       ListOffsetsRequest request) {
  ListOffsetsResponse response;
  std::map<TopicPartition, int> times;
  for (const auto& topic : request.topics) {
    for (const auto& asked : topic.partitions) {
      ++times[TopicPartition(topic.name, asked.partition_index)];
    }
  }
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions.reserve(topic.partitions.size());
    for (const auto& asked : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      if (times[TopicPartition(topic.name, asked.partition_index)] > 1) {
        answer.error_code = ErrorCode::invalid_request;
      } else if (!knows(context.version(), asked.timestamp)) {
        answer.error_code = ErrorCode::unsupported_version;
      } else if (const auto replica =
                     leading_replica(broker, topic.name, asked.partition_index,
                                     Epoch(asked.current_leader_epoch), answer.error_code)) {
        co_await look_up(*replica, asked.timestamp, request.replica_id, context.version(), answer);
      }
    }
  }
  co_return response;
}

protocol::OffsetForLeaderEpochResponse offset_for_leader_epoch(
    Broker& broker, const Context&, protocol::OffsetForLeaderEpochRequest request) {
  protocol::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition = asked.partition;
      const auto replica = leading_replica(broker, topic.topic, asked.partition,
                                           Epoch(asked.current_leader_epoch), answer.error_code);
      if (replica == nullptr) continue;
      const auto end = replica->log->end_of(Epoch(asked.leader_epoch));
      answer.leader_epoch = end.epoch.value;
      answer.end_offset = end.epoch == no_epoch ? -1 : end.end.value;
    }
  }
  return response;
}

namespace {

using DeletePartition = protocol::DeleteRecordsRequest::DeleteRecordsPartition;
using DeleteResult = protocol::DeleteRecordsResponse::DeleteRecordsPartitionResult;

constexpr std::int64_t to_high_watermark = -1;

/// Where the log begins that begins first, of ours and those of the live followers.
Offset low_watermark(const Broker& broker, const replication::Replica& replica) {
  auto low = replica.log->start();
  const auto* leading = replica.leading();
  if (leading == nullptr) return low;
  for (const auto& [id, peer] : leading->peers) {
    const auto* there = broker.image()->broker(id);
    if (there != nullptr && !there->fenced) low = std::min(low, peer.log_start);
  }
  return low;
}

/// Waits until the log begins at `start` or later wherever it lives.
Task<void> wait_for_start(Broker& broker, std::shared_ptr<replication::Replica> replica,
                          Offset start, Instant deadline, DeleteResult& result) {
  const auto epoch = replica->leader_epoch;
  auto& log = *replica->log;
  Deadlines::Entry limit(broker.deadlines, deadline, log.progress(), log.kept());
  while (low_watermark(broker, *replica) < start && replica->usable() &&
         replica->leads_since(epoch) && !limit.passed()) {
    co_await replica->progress().wait();
  }
  result.low_watermark = low_watermark(broker, *replica).value;
  if (!replica->usable()) {
    result.error_code = ErrorCode::kafka_storage_error;
  } else if (!replica->leads_since(epoch)) {
    result.error_code = ErrorCode::not_leader_or_follower;
  } else if (result.low_watermark < start.value) {
    result.error_code = ErrorCode::request_timed_out;
  }
}

Task<void> delete_before(Broker& broker, std::shared_ptr<replication::Replica> shared,
                         std::int64_t offset, Instant deadline, DeleteResult& result) {
  const auto& replica = *shared;
  const auto log = replica.log;
  const auto end = replica.high_watermark();
  const auto wanted = offset == to_high_watermark ? end : Offset(offset);
  if (is_internal(replica.partition.topic)) {
    result.error_code = ErrorCode::invalid_topic_exception;
  } else if (!broker.settings_of(*replica.topic).options.log.deletes) {
    result.error_code = ErrorCode::policy_violation;
  } else if (wanted.value < 0 || wanted > end) {
    result.error_code = ErrorCode::offset_out_of_range;
  } else if (wanted > log->start()) {
    auto deleted = co_await log->delete_before(wanted);
    if (!deleted) result.error_code = ErrorCode::kafka_storage_error;
    log->appended().raise();  // Followers that wait for records shall hear of it as well.
  }
  if (result.error_code != ErrorCode::none) co_return;
  co_await wait_for_start(broker, std::move(shared), wanted, deadline, result);
}

}  // namespace

Task<protocol::DeleteRecordsResponse> delete_records(Broker& broker, const Context&,
                                                     protocol::DeleteRecordsRequest request) {
  protocol::DeleteRecordsResponse response;
  const auto deadline = broker.env.clock.now() + milliseconds(std::max(request.timeout_ms, 0));
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions.reserve(topic.partitions.size());
    for (const auto& asked : topic.partitions) {
      auto& result = out.partitions.emplace_back();
      result.partition_index = asked.partition_index;
      result.low_watermark = -1;
      const auto replica =
          leading_replica(broker, topic.name, asked.partition_index, no_epoch, result.error_code);
      if (replica == nullptr) continue;
      auto deleting = delete_before(broker, replica, asked.offset, deadline, result);
      co_await deleting;
    }
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
