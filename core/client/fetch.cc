#include <algorithm>
#include <utility>

#include "core/client/fetcher.h"
#include "core/protocol/messages/fetch.h"

namespace trialog::client {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

// From here on topics go by id alone (KIP-516); before the other, no fetch tells of truncation.
constexpr std::int16_t last_version_with_names = 12;
constexpr std::int16_t first_version_with_epochs = 12;

}  // namespace

Task<void> Fetcher::fetch(NodeId node, ConnectionPool::LinkPtr link, Targets targets) {
  std::int16_t limit = Link::any;
  const auto request = request_for(targets, *link, limit);
  auto asking = link->ask<FetchResponse>(request, options_.fetch_max_wait, limit);
  auto response = co_await asking;
  fetching_.erase(node);
  if (response && response->error_code == ErrorCode::none) {
    on_responses(targets, *response);
  } else {
    cluster_.metadata.refresh();
    for (const auto& target : targets) {
      if (auto* place = find(target)) failed(*place);
    }
  }
  wake();
}

FetchRequest Fetcher::request_for(const Targets& targets, const Link& link, std::int16_t& limit) {
  FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(
      std::chrono::duration_cast<milliseconds>(options_.fetch_max_wait).count());
  request.min_bytes = options_.fetch_min_bytes;
  request.max_bytes = options_.fetch_max_bytes;
  request.isolation_level = static_cast<std::int8_t>(options_.isolation_level);
  const auto version = link.version_of(FetchRequest::api);
  const bool epochs = version.value_or(0) >= first_version_with_epochs;
  for (const auto& [partition, generation] : targets) {
    if (request.topics.empty() || request.topics.back().topic != partition.topic) {
      auto& topic = request.topics.emplace_back();
      topic.topic = partition.topic;
      if (const auto* known = cluster_.metadata.find(partition.topic)) topic.topic_id = known->id;
      if (topic.topic_id.is_zero()) limit = last_version_with_names;
    }
    const auto& place = places_.at(partition);
    const auto leader = cluster_.metadata.leader(partition);
    auto& wanted = request.topics.back().partitions.emplace_back();
    wanted.partition = partition.partition;
    wanted.current_leader_epoch = leader ? leader->epoch.value : no_epoch.value;
    wanted.fetch_offset = place.fetch_from.value;
    if (epochs) wanted.last_fetched_epoch = place.last_epoch.value;
    wanted.partition_max_bytes = options_.max_partition_fetch_bytes;
  }
  return request;
}

void Fetcher::on_responses(const Targets& targets, const FetchResponse& response) {
  for (const auto& topic : response.responses) {
    for (const auto& data : topic.partitions) {
      const auto target = std::ranges::find_if(targets, [&](const Target& one) {
        if (one.partition.partition != data.partition_index) return false;
        if (!topic.topic.empty()) return one.partition.topic == topic.topic;
        const auto* known = cluster_.metadata.find(one.partition.topic);
        return known != nullptr && known->id == topic.topic_id;
      });
      if (target == targets.end()) continue;
      if (auto* place = find(*target)) on_data(target->partition, *place, data);
    }
  }
}

template <class PartitionData>
void Fetcher::on_data(const TopicPartition& partition, Place& place, const PartitionData& data) {
  if (data.error_code != ErrorCode::none) return on_error(place, data.error_code);
  if (data.diverging_epoch.end_offset >= 0) {
    return on_truncation(place, Offset(data.diverging_epoch.end_offset));
  }
  place.failures = 0;
  place.drain_first = false;
  std::vector<AbortedRange> aborted;
  if (data.aborted_transactions) {
    for (const auto& range : *data.aborted_transactions) {
      aborted.emplace_back(ProducerId(range.producer_id), Offset(range.first_offset));
    }
  }
  Chunk::Rules rules{.check_crcs = options_.check_crcs,
                     .read_committed = options_.isolation_level == Isolation::read_committed};
  Chunk chunk(partition, data.records, std::move(aborted), rules);
  if (chunk.empty()) return;
  if (chunk.end() > place.fetch_from) go_on(place, *chunk.end(), chunk.last_epoch());
  place.chunks.push_back(std::move(chunk));
}

void Fetcher::on_error(Place& place, ErrorCode error) {
  if (error == ErrorCode::offset_out_of_range) return on_out_of_range(place);
  failed(place);
  if (refreshes_metadata(error)) cluster_.metadata.refresh();
  const bool passing =
      is_retriable(error) || refreshes_metadata(error) || error == ErrorCode::fenced_leader_epoch ||
      error == ErrorCode::unknown_leader_epoch || error == ErrorCode::unknown_topic_id ||
      error == ErrorCode::inconsistent_topic_id;
  if (error == ErrorCode::fenced_leader_epoch || error == ErrorCode::unknown_topic_id) {
    cluster_.metadata.refresh();
  }
  if (!passing) place.error = ClientError(error);
}

/// The log begins behind our position, or ends before it.
void Fetcher::on_out_of_range(Place& place) {
  if (!place.chunks.empty()) {
    place.drain_first = true;
    return;
  }
  place.drain_first = false;
  go_on(place, place.fetch_from, no_epoch);
  const auto time = reset_time();
  if (time) {
    place.wanted_time = time;
    place.position.reset();
    return;
  }
  place.stuck = true;
  place.error = ClientError(ErrorCode::offset_out_of_range,
                            "the log has no offset " + std::to_string(place.fetch_from.value));
}

/// What we read last is no longer in the log, which now goes on from `end` (KIP-320).
void Fetcher::on_truncation(Place& place, Offset end) {
  place.chunks.clear();
  place.position = std::min(place.position.value_or(end), end);
  go_on(place, *place.position, no_epoch);
  if (reset_time()) return;
  place.stuck = true;
  place.error = ClientError(ErrorCode::offset_out_of_range,
                            "the log was truncated to " + std::to_string(end.value));
}

}  // namespace trialog::client
