#include "core/broker/fetch_read.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::broker {

FetchOutcome FetchedPartition::outcome() const {
  FetchOutcome outcome;
  outcome.error = error;
  outcome.high_watermark = high_watermark;
  outcome.log_start = log_start;
  outcome.bytes = records.size();
  outcome.redirected = diverging.has_value() || preferred.value >= 0;
  return outcome;
}

FetchRead::FetchRead(FetchSource source, FetchReader reader, FetchLimits limits,
                     std::vector<FetchWish> wishes)
    : source_(source),
      reader_(std::move(reader)),
      limits_(limits),
      woken_(source.env.executor),
      watches_(source.env.executor) {
  partitions_.reserve(wishes.size());
  for (auto& wish : wishes) partitions_.emplace_back(std::move(wish));
}

Task<void> FetchRead::run() {
  auto wait = limits_.max_wait;
  if (reader_.is_replica()) wait = std::min(wait, source_.replicas.patience(reader_.replica));
  const Instant deadline = source_.env.clock.now() + wait;
  co_await read_all();
  while (!is_enough() && !timed_out_) {
    if (watches_.size() == 0) {
      watch_all();
      watches_.run("fetch deadline", time_out(deadline));
    }
    // What moved while the others were read must not be waited for.
    if (!any_moved()) co_await woken_.wait();
    co_await read_all();
  }
}

Task<void> FetchRead::read_all() {
  std::int64_t left = limits_.max_bytes;
  bool first = true;
  for (auto& partition : partitions_) {
    resolve(partition);
    if (check(partition)) co_await read_records(partition, left, first);
    const auto got = static_cast<std::int64_t>(partition.records.size());
    left = std::max<std::int64_t>(left - got, 0);
    if (got > 0) first = false;
  }
}

void FetchRead::resolve(FetchedPartition& partition) const {
  const auto& key = partition.wish.key;
  const auto image = source_.replicas.image();
  const auto topic = key.topic.empty() ? image->topic(key.topic_id) : image->topic(key.topic);
  partition.error = ErrorCode::none;
  partition.failed_here = false;
  partition.diverging.reset();
  partition.preferred = NodeId(-1);
  partition.replica = nullptr;
  if (topic == nullptr) {
    partition.error =
        key.topic.empty() ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
    return;
  }
  partition.topic = topic->name;
  partition.topic_id = topic->id;
  if (topic->partition(key.partition) == nullptr) {
    partition.error = ErrorCode::unknown_topic_or_partition;
    return;
  }
  partition.replica = source_.replicas.find(topic->id, key.partition);
}

ErrorCode FetchRead::access_error(const FetchedPartition& partition) const {
  if (reader_.is_replica()) return replica_error(partition);
  const auto* replica = partition.replica.get();
  const auto error =
      leadership_error(source_.options.id, replica, partition.wish.current_leader_epoch);
  // Any replica that follows will do, for what it knows to be committed.
  const bool follows = error == ErrorCode::not_leader_or_follower && replica != nullptr &&
                       replica->usable() && replica->follows(replica->leader_epoch);
  return follows && reader_.knows_followers ? ErrorCode::none : error;
}

ErrorCode FetchRead::replica_error(const FetchedPartition& partition) const {
  if (partition.replica == nullptr) return ErrorCode::not_leader_or_follower;
  auto& replica = *partition.replica;
  if (!replica.usable()) {
    return replica.leader == source_.options.id ? ErrorCode::kafka_storage_error
                                                : ErrorCode::not_leader_or_follower;
  }
  return replica.admit(follower_fetch(partition));
}

partition::FollowerFetch FetchRead::follower_fetch(const FetchedPartition& partition) const {
  partition::FollowerFetch fetch;
  fetch.from = reader_.replica;
  fetch.leader_epoch = partition.wish.current_leader_epoch;
  fetch.broker_epoch = reader_.broker_epoch;
  fetch.position = partition.wish.offset;
  fetch.log_start = partition.wish.log_start;
  source_.replicas.describe(fetch);
  return fetch;
}

bool FetchRead::check(FetchedPartition& partition) const {
  if (partition.error == ErrorCode::none) {
    partition.error = access_error(partition);
    partition.failed_here = partition.error != ErrorCode::none;
  }
  bool moved = false;
  if (partition.error == ErrorCode::none) {
    moved = partition.log != partition.replica->log || has_moved(partition);
    partition.log = partition.replica->log;
    check_position(partition);
  }
  if (partition.error != ErrorCode::none) {
    partition.records = Chain();
    partition.high_watermark = partition.log_start = Offset(-1);
    return false;
  }
  if (partition.diverging) return false;
  if (reader_.is_replica() && !partition.counted) {
    partition.counted = true;
    partition.replica->fetched(follower_fetch(partition));
  }
  prefer_nearer(partition);
  return moved || partition.preferred.value >= 0;
}

/// The replica in the client's rack that has the position, the longest first (KIP-392).
void FetchRead::prefer_nearer(FetchedPartition& partition) const {
  if (!source_.options.reads_from_same_rack || reader_.rack.empty() || reader_.is_replica()) return;
  const auto* leading = partition.replica->leading();
  if (leading == nullptr || source_.options.rack == reader_.rack) return;
  const auto image = source_.replicas.image();
  Offset best(-1);
  for (const auto& [id, peer] : leading->peers) {
    const auto* there = image->broker(id);
    const bool near = there != nullptr && !there->fenced && there->rack == reader_.rack;
    const auto wanted = partition.wish.offset;
    if (!near || !peer.end || *peer.end < wanted || peer.log_start > wanted) continue;
    if (*peer.end > best) partition.preferred = id;
    best = std::max(best, *peer.end);
  }
}

void FetchRead::check_position(FetchedPartition& partition) const {
  const auto& wish = partition.wish;
  const auto& log = *partition.log;
  const bool known = wish.last_fetched_epoch == no_epoch || check_epochs(partition);
  if (!known || wish.offset < log.start() || (!partition.diverging && wish.offset > log.end())) {
    partition.error = ErrorCode::offset_out_of_range;
    partition.failed_here = true;
    partition.diverging.reset();
  }
}

/// Notes where the client's log leaves ours, as far as its last epoch tells (SEMANTICS 4.4). False
/// if we know nothing of that epoch.
bool FetchRead::check_epochs(FetchedPartition& partition) const {
  const auto& wish = partition.wish;
  const auto end = partition.log->end_of(wish.last_fetched_epoch);
  if (end.epoch == no_epoch) return false;
  if (end.epoch >= wish.last_fetched_epoch && end.end >= wish.offset) return true;
  partition.diverging = end;
  partition.records = Chain();
  partition.high_watermark = partition.replica->high_watermark();
  partition.log_start = partition.log->start();
  return true;
}

Offset FetchRead::end_for_reader(const FetchedPartition& partition) const {
  return reader_.is_replica() ? partition.log->end() : partition.replica->high_watermark();
}

/// Who is in sync stays so, whatever the limit.
bool FetchRead::throttled(const FetchedPartition& partition) const {
  const auto* leading = partition.replica->leading();
  const auto now = source_.env.clock.now();
  return reader_.is_replica() && partition.replica->leader_throttled && leading != nullptr &&
         !leading->isr.contains(reader_.replica) &&
         source_.replicas.leader_throttle().exceeded(now);
}

Task<void> FetchRead::read_records(FetchedPartition& partition, std::int64_t limit, bool first) {
  const auto replica = partition.replica;  // Ours while we wait, and its log.
  const auto log = partition.log;
  const auto end = end_for_reader(partition);
  partition.seen_end = end;
  partition.high_watermark = replica->high_watermark();
  if (log->start() != partition.log_start && partition.log_start.value >= 0) {
    partition.start_moved = true;
  }
  partition.log_start = log->start();
  partition.records = Chain();
  limit = std::min<std::int64_t>(limit, std::max(partition.wish.max_bytes, 0));
  if (partition.wish.offset >= end || (limit == 0 && !first)) co_return;
  if (partition.preferred.value >= 0 || throttled(partition)) co_return;
  auto records =
      co_await log->read(partition.wish.offset, end, static_cast<std::size_t>(limit), !first);
  if (!records) {
    partition.error = ErrorCode::kafka_storage_error;
    partition.failed_here = true;
    co_return;
  }
  partition.records = std::move(*records);
  if (reader_.is_replica() && replica->leader_throttled) {
    source_.replicas.leader_throttle().spend(source_.env.clock.now(), partition.records.size());
  }
}

bool FetchRead::is_enough() const {
  if (limits_.max_wait <= Duration(0)) return true;
  std::int64_t bytes = 0;
  bool anything_to_wait_for = false;
  for (const auto& partition : partitions_) {
    if (partition.failed_here || partition.diverging || partition.preferred.value >= 0) return true;
    if (reader_.is_replica() && partition.start_moved) return true;
    if (partition.error == ErrorCode::none) anything_to_wait_for = true;
    bytes += static_cast<std::int64_t>(partition.records.size());
  }
  return !anything_to_wait_for || bytes >= limits_.min_bytes;
}

bool FetchRead::has_moved(const FetchedPartition& partition) const {
  const auto& log = partition.log;
  return log == nullptr || log->failed() || end_for_reader(partition) != partition.seen_end ||
         log->start() != partition.log_start;
}

bool FetchRead::any_moved() const {
  return std::ranges::any_of(partitions_, [this](const FetchedPartition& partition) {
    return partition.error == ErrorCode::none &&
           (has_moved(partition) || access_error(partition) != ErrorCode::none);
  });
}

void FetchRead::watch_all() {
  for (const auto& partition : partitions_) {
    if (partition.error == ErrorCode::none) watches_.run("fetch", watch(partition.replica));
  }
  if (reader_.is_replica()) watches_.run("fetch hurry", watch_hurry());
}

Signal& FetchRead::moves_of(replication::Replica& replica) const {
  return reader_.is_replica() ? replica.log->appended() : replica.progress();
}

Task<void> FetchRead::watch(std::shared_ptr<replication::Replica> replica) {
  while (replica->usable()) {
    co_await moves_of(*replica).wait();
    woken_.raise();
  }
}

Task<void> FetchRead::watch_hurry() {
  while (!timed_out_) {
    co_await source_.replicas.hurried().wait();
    timed_out_ = source_.replicas.patience(reader_.replica) < limits_.max_wait;
    if (timed_out_) woken_.raise();
  }
}

Task<void> FetchRead::time_out(Instant deadline) {
  co_await source_.env.clock.sleep_until(deadline);
  timed_out_ = true;
  woken_.raise();
}

}  // namespace trialog::broker
