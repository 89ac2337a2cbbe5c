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
  outcome.diverging = diverging.has_value();
  return outcome;
}

FetchRead::FetchRead(Broker& broker, FetchLimits limits, std::vector<FetchWish> wishes)
    : broker_(broker), limits_(limits), woken_(broker.env.executor), watches_(broker.env.executor) {
  partitions_.reserve(wishes.size());
  for (auto& wish : wishes) partitions_.emplace_back(std::move(wish));
}

Task<void> FetchRead::run() {
  const Instant deadline = broker_.env.clock.now() + limits_.max_wait;
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
  const auto image = broker_.image();
  const auto topic = key.topic.empty() ? image->topic(key.topic_id) : image->topic(key.topic);
  partition.error = ErrorCode::none;
  partition.failed_here = false;
  partition.diverging.reset();
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
  partition.replica = broker_.replicas.find(topic->id, key.partition);
}

bool FetchRead::check(FetchedPartition& partition) const {
  if (partition.error == ErrorCode::none) {
    partition.error =
        leadership_error(broker_, partition.replica.get(), partition.wish.current_leader_epoch);
    partition.failed_here = partition.error != ErrorCode::none;
  }
  bool moved = false;
  if (partition.error == ErrorCode::none) {
    moved = partition.log != partition.replica->log || has_moved(partition);
    partition.log = partition.replica->log;
    check_position(partition);
  }
  if (partition.error == ErrorCode::none) return moved && !partition.diverging;
  partition.records = Chain();
  partition.high_watermark = partition.log_start = Offset(-1);
  return false;
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
  partition.high_watermark = partition.log->committed_end();
  partition.log_start = partition.log->start();
  return true;
}

Task<void> FetchRead::read_records(FetchedPartition& partition, std::int64_t limit, bool first) {
  const auto log = partition.log;  // Ours while we wait.
  const auto end = log->committed_end();
  partition.high_watermark = end;
  partition.log_start = log->start();
  partition.records = Chain();
  limit = std::min<std::int64_t>(limit, std::max(partition.wish.max_bytes, 0));
  if (partition.wish.offset >= end || (limit == 0 && !first)) co_return;
  auto records =
      co_await log->read(partition.wish.offset, end, static_cast<std::size_t>(limit), !first);
  if (records) {
    partition.records = std::move(*records);
  } else {
    partition.error = ErrorCode::kafka_storage_error;
    partition.failed_here = true;
  }
}

bool FetchRead::is_enough() const {
  if (limits_.max_wait <= Duration(0)) return true;
  std::int64_t bytes = 0;
  bool anything_to_wait_for = false;
  for (const auto& partition : partitions_) {
    if (partition.failed_here || partition.diverging) return true;
    if (partition.error == ErrorCode::none) anything_to_wait_for = true;
    bytes += static_cast<std::int64_t>(partition.records.size());
  }
  return !anything_to_wait_for || bytes >= limits_.min_bytes;
}

bool FetchRead::has_moved(const FetchedPartition& partition) const {
  const auto& log = partition.log;
  return log == nullptr || log->failed() || log->committed_end() != partition.high_watermark ||
         log->start() != partition.log_start;
}

bool FetchRead::any_moved() const {
  return std::ranges::any_of(partitions_, [this](const FetchedPartition& partition) {
    return partition.error == ErrorCode::none && has_moved(partition);
  });
}

void FetchRead::watch_all() {
  for (const auto& partition : partitions_) {
    if (partition.error == ErrorCode::none) watches_.run("fetch", watch(partition.log));
  }
}

Task<void> FetchRead::watch(std::shared_ptr<log::PartitionLog> log) {
  while (!log->failed()) {
    co_await log->progress().wait();
    woken_.raise();
  }
}

Task<void> FetchRead::time_out(Instant deadline) {
  co_await broker_.env.clock.sleep_until(deadline);
  timed_out_ = true;
  woken_.raise();
}

}  // namespace trialog::broker
