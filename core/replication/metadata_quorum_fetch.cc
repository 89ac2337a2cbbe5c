#include <algorithm>

#include "core/replication/metadata_quorum.h"

namespace trialog::replication {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FetchSnapshotRequest;
using protocol::FetchSnapshotResponse;

constexpr std::int32_t longest_wait_ms = 60'000;

/// The metadata partition in a fetch of it alone, by name or by id; null if it asks for more.
const FetchRequest::FetchPartition* the_partition(const FetchRequest& request,
                                                  const TopicPartition& partition) {
  if (request.topics.size() != 1) return nullptr;
  const auto& topic = request.topics[0];
  const bool named = topic.topic == partition.topic || topic.topic_id == metadata_topic_id();
  if (!named || topic.partitions.size() != 1 || topic.partitions[0].partition != 0) return nullptr;
  return &topic.partitions[0];
}

FetchResponse::PartitionData& begin_answer(FetchResponse& response, const std::string& topic) {
  auto& named = response.responses.emplace_back();
  named.topic = topic;
  named.topic_id = metadata_topic_id();
  auto& answer = named.partitions.emplace_back();
  answer.high_watermark = -1;
  answer.last_stable_offset = -1;
  answer.log_start_offset = -1;
  return answer;
}

}  // namespace

/// What a leader finds out about a replica's position before it serves it (SEMANTICS 7.7).
struct MetadataQuorum::Verdict {
  ErrorCode error = ErrorCode::none;
  std::optional<log::EpochEnd> diverging;
  std::optional<quorum::SnapshotId> snapshot;
};

ErrorCode MetadataQuorum::refusal(Epoch epoch) const {
  if (failed_) return ErrorCode::kafka_storage_error;
  if (epoch.value >= 0 && epoch < machine_->epoch()) return ErrorCode::fenced_leader_epoch;
  if (epoch > machine_->epoch()) return ErrorCode::unknown_leader_epoch;
  if (!leads()) return ErrorCode::not_leader_or_follower;
  return ErrorCode::none;
}

/// Whoever is before the log's start gets a snapshot; so does, to spare it the whole log, who has
/// nothing.
void MetadataQuorum::compare(quorum::LogEnd position, Verdict& verdict) const {
  const auto newest = snapshots_.latest();
  const auto oldest = snapshots_.oldest();
  const auto start = log_->start();
  if (newest && newest->end > Offset(0)) {
    const bool at_start = position.end == start && start > Offset(0);
    const bool other_start =
        at_start && oldest->end == start && position.last_epoch != oldest->epoch;
    if (position.end < start || position.end == Offset(0) || other_start) {
      verdict.snapshot = newest;
      return;
    }
    if (at_start) return;
  }
  if (position.end == Offset(0)) return;
  auto ours = log_->end_of(position.last_epoch);
  if (ours.epoch == no_epoch) ours = log::EpochEnd(log_->latest_epoch(), log_->end());
  if (ours.epoch != position.last_epoch || ours.end < position.end) verdict.diverging = ours;
}

Task<void> MetadataQuorum::judge_now(quorum::ReplicaKey from, Epoch epoch, quorum::LogEnd position,
                                     std::shared_ptr<Verdict> verdict, OutcomePtr outcome) {
  quorum::Effects effects;
  verdict->error = refusal(epoch);
  if (verdict->error == ErrorCode::none) {
    compare(position, *verdict);
    const auto now = env_.clock.now();
    if (!verdict->diverging && !verdict->snapshot) {
      effects = machine_->on_fetch(now, from, position.end);
    } else if (verdict->snapshot) {
      machine_->on_snapshot_fetch(now, from);
    }
  }
  return carry_out(std::move(effects), std::move(outcome));
}

Task<MetadataQuorum::Verdict> MetadataQuorum::judge(quorum::ReplicaKey from, Epoch epoch,
                                                    quorum::LogEnd position) {
  auto verdict = std::make_shared<Verdict>();
  auto outcome = std::make_shared<Outcome>();
  submit([this, from, epoch, position, verdict, outcome] {
    return judge_now(from, epoch, position, verdict, outcome);
  });
  co_await ended(outcome);
  if (failed_) verdict->error = ErrorCode::kafka_storage_error;
  co_return *verdict;
}

Task<FetchResponse> MetadataQuorum::fetch(FetchRequest request, std::int16_t version) {
  FetchResponse response;
  const auto* asked = the_partition(request, log_->partition());
  const bool sane = asked && asked->fetch_offset >= 0 && asked->last_fetched_epoch >= -1;
  response.error_code = misdirected(request.cluster_id, sane && machine_);
  if (response.error_code != ErrorCode::none) co_return response;
  const auto id = std::max(request.replica_id, request.replica_state.replica_id);
  const quorum::ReplicaKey from(NodeId(id), asked->replica_directory_id);
  peers_.heard_from(from.id);
  co_return co_await serve(std::move(request), from, version);
}

Task<FetchResponse> MetadataQuorum::serve(FetchRequest request, quorum::ReplicaKey from,
                                          std::int16_t version) {
  const auto asked = *the_partition(request, log_->partition());
  const Offset at(asked.fetch_offset);
  const quorum::LogEnd position(Epoch(std::max(asked.last_fetched_epoch, 0)), at);
  const Epoch epoch(asked.current_leader_epoch);
  const auto deadline =
      env_.clock.now() + milliseconds(std::clamp(request.max_wait_ms, 0, longest_wait_ms));
  auto verdict = co_await judge(from, epoch, position);
  // Who is told everything else must not be kept waiting for news of the high watermark.
  const auto something_new = [&] {
    const auto end = from.id.value < 0 ? seen_.high_watermark : log_->end();
    return end > at || seen_.high_watermark.value > asked.high_watermark;
  };
  const auto waits = [&] {
    return verdict.error == ErrorCode::none && !verdict.diverging && !verdict.snapshot &&
           !something_new() && env_.clock.now() < deadline;
  };
  while (waits()) {
    auto news = within(env_.executor, env_.clock, deadline, raised(moved_));
    co_await news;
    verdict.error = refusal(epoch);
  }
  FetchResponse response;
  auto& answer = begin_answer(response, log_->partition().topic);
  if (verdict.error == ErrorCode::none && !verdict.diverging && !verdict.snapshot) {
    const auto end = from.id.value < 0 ? seen_.high_watermark : log_->end();
    const auto limit = static_cast<std::size_t>(std::max(asked.partition_max_bytes, 1));
    if (end > at) {
      auto records = co_await log_->read(at, end, limit);
      if (records) answer.records = std::move(*records);
      // It may have been truncated or cut off at its head while we read.
      verdict.error = refusal(epoch);
      if (!records && verdict.error == ErrorCode::none)
        verdict.error = ErrorCode::unknown_server_error;
      if (verdict.error != ErrorCode::none) answer.records.reset();
    }
  }
  answer.error_code = verdict.error;
  answer.current_leader.leader_id = seen_.leader.value;
  answer.current_leader.leader_epoch = seen_.epoch.value;
  if (version >= 16) add_leader_endpoint(response);
  if (verdict.error != ErrorCode::none) co_return response;
  answer.high_watermark = seen_.high_watermark.value;
  answer.log_start_offset = log_->start().value;
  if (!answer.records) answer.records.emplace();
  if (verdict.diverging) {
    answer.diverging_epoch.epoch = verdict.diverging->epoch.value;
    answer.diverging_epoch.end_offset = verdict.diverging->end.value;
  } else if (verdict.snapshot) {
    answer.snapshot_id.end_offset = verdict.snapshot->end.value;
    answer.snapshot_id.epoch = verdict.snapshot->epoch.value;
  }
  co_return response;
}

Task<FetchSnapshotResponse> MetadataQuorum::fetch_snapshot(FetchSnapshotRequest request,
                                                           std::int16_t version) {
  FetchSnapshotResponse response;
  const bool one = request.topics.size() == 1 && request.topics[0].partitions.size() == 1;
  response.error_code = misdirected(request.cluster_id, one && machine_);
  if (response.error_code != ErrorCode::none) co_return response;
  const auto asked = request.topics[0].partitions[0];
  auto& named = response.topics.emplace_back();
  named.name = request.topics[0].name;
  auto& answer = named.partitions.emplace_back();
  answer.index = asked.partition;
  answer.current_leader.leader_id = seen_.leader.value;
  answer.current_leader.leader_epoch = seen_.epoch.value;
  answer.unaligned_records.emplace();
  if (version >= 1) add_leader_endpoint(response);
  const bool known = named.name == log_->partition().topic && asked.partition == 0;
  answer.error_code =
      known ? refusal(Epoch(asked.current_leader_epoch)) : ErrorCode::unknown_topic_or_partition;
  if (answer.error_code == ErrorCode::none && asked.position < 0) {
    answer.error_code = ErrorCode::position_out_of_range;
  }
  if (answer.error_code != ErrorCode::none) co_return response;
  const quorum::ReplicaKey from(NodeId(request.replica_id), asked.replica_directory_id);
  machine_->on_snapshot_fetch(env_.clock.now(), from);
  peers_.heard_from(from.id);
  const quorum::SnapshotId id(Offset(asked.snapshot_id.end_offset), Epoch(asked.snapshot_id.epoch));
  const auto limit = static_cast<std::size_t>(std::max(request.max_bytes, 1));
  auto part = co_await snapshots_.part(id, static_cast<std::uint64_t>(asked.position), limit);
  if (!part) {
    answer.error_code = part.error().kind() == IoError::Kind::closed
                            ? ErrorCode::position_out_of_range
                            : ErrorCode::snapshot_not_found;
    co_return response;
  }
  answer.snapshot_id.end_offset = id.end.value;
  answer.snapshot_id.epoch = id.epoch.value;
  answer.size = static_cast<std::int64_t>(part->size);
  answer.position = asked.position;
  answer.unaligned_records->append(std::move(part->bytes));
  co_return response;
}

}  // namespace trialog::replication
