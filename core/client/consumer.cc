#include "core/client/consumer.h"

#include <algorithm>
#include <utility>

#include "core/client/fetcher.h"

namespace trialog::client {

/// What is behind a `Consumer`: its places, and the fetcher that fills them.
class Consumer::Core {
 public:
  Core(Env env, ConsumerOptions options)
      : options_(std::move(options)),
        cluster_(env, options_, options_.allow_auto_create_topics),
        fetcher_(cluster_, options_, places_) {}

  void assign(std::vector<TopicPartition> partitions);
  std::vector<TopicPartition> listed(bool only_paused) const;
  void seek(const TopicPartition& partition, std::optional<Offset> offset,
            std::optional<std::int64_t> time);
  Task<Answer<std::vector<ConsumedRecord>>> poll(Instant deadline);
  void pause(const std::vector<TopicPartition>& partitions, bool paused);
  Task<Answer<Offset>> position(TopicPartition partition);
  std::optional<Offset> known_position(const TopicPartition& partition) const;
  Task<Answer<std::map<TopicPartition, OffsetAndTime>>> look_up(std::vector<OffsetQuery> queries);
  Task<Answer<Offsets>> offsets_at(std::vector<TopicPartition> partitions, std::int64_t time);
  Task<Answer<OffsetsAndTimes>> offsets_for(Times times);
  Task<Answer<void>> seek_to_time(std::vector<TopicPartition> partitions, WallTime when);
  Task<Answer<std::int32_t>> partitions_of(std::string topic);
  Instant in(Duration time) const { return cluster_.env.clock.now() + time; }

 private:
  std::optional<ClientError> take_error();
  std::vector<ConsumedRecord> take_records();
  void read(Place& place, std::vector<ConsumedRecord>& records);
  Task<bool> news(Instant deadline);

  ConsumerOptions options_;
  Cluster cluster_;
  Fetcher::Places places_;
  TopicPartition last_read_;  // The next poll begins behind it.
  Fetcher fetcher_;
};

void Consumer::Core::assign(std::vector<TopicPartition> partitions) {
  Fetcher::Places places;
  for (auto& partition : partitions) {
    const auto known = places_.find(partition);
    Place place;
    if (known != places_.end()) {
      place = std::move(known->second);
    } else {
      place.generation = fetcher_.next_generation();
      place.wanted_time = fetcher_.reset_time();
    }
    places.emplace(std::move(partition), std::move(place));
  }
  places_ = std::move(places);
  fetcher_.wake();
}

std::vector<TopicPartition> Consumer::Core::listed(bool only_paused) const {
  std::vector<TopicPartition> result;
  for (const auto& [partition, place] : places_) {
    if (place.paused || !only_paused) result.push_back(partition);
  }
  return result;
}

void Consumer::Core::seek(const TopicPartition& partition, std::optional<Offset> offset,
                          std::optional<std::int64_t> time) {
  const auto found = places_.find(partition);
  if (found == places_.end()) return;
  Place place;
  place.paused = found->second.paused;
  place.generation = fetcher_.next_generation();
  place.position = offset;
  place.fetch_from = offset.value_or(Offset());
  place.wanted_time = time;
  found->second = std::move(place);
  fetcher_.wake();
}

Task<Answer<std::vector<ConsumedRecord>>> Consumer::Core::poll(Instant deadline) {
  while (true) {
    if (auto error = take_error()) co_return refusal(std::move(*error));
    auto records = take_records();
    if (!records.empty()) co_return records;
    if (auto error = take_error()) co_return refusal(std::move(*error));
    auto told = co_await news(deadline);
    if (!told) co_return records;
  }
}

std::optional<ClientError> Consumer::Core::take_error() {
  for (auto& [partition, place] : places_) {
    const bool lost = !place.position && !place.wanted_time && !place.stuck;
    if (lost && !fetcher_.reset_time()) {
      return ClientError(ErrorCode::offset_out_of_range, partition.text() + " has no position");
    }
    if (!place.error) continue;
    // What does not pass is told again until somebody seeks.
    if (place.stuck) return place.error;
    return std::exchange(place.error, std::nullopt);
  }
  return std::nullopt;
}

std::vector<ConsumedRecord> Consumer::Core::take_records() {
  std::vector<ConsumedRecord> records;
  auto at = places_.upper_bound(last_read_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (at == places_.end()) at = places_.begin();
    read(at->second, records);
    last_read_ = at->first;
    if (records.size() >= options_.max_poll_records) break;
    ++at;
  }
  return records;
}

void Consumer::Core::read(Place& place, std::vector<ConsumedRecord>& records) {
  while (!place.paused && !place.stuck && !place.chunks.empty()) {
    const auto limit = options_.max_poll_records - records.size();
    if (limit == 0) return;
    const auto before = records.size();
    auto read = place.chunks.front().read(*place.position, limit, records);
    if (!read) {
      place.stuck = true;
      place.error = ClientError(ErrorCode::corrupt_message, read.error().what());
      return;
    }
    if (records.size() - before == limit) return;
    place.chunks.pop_front();
    fetcher_.wake();
  }
}

Task<bool> Consumer::Core::news(Instant deadline) {
  auto& env = cluster_.env;
  if (env.clock.now() >= deadline) co_return false;
  auto waiting = within(env.executor, env.clock, deadline, raised(cluster_.news));
  auto told = co_await waiting;
  co_return told.has_value();
}

void Consumer::Core::pause(const std::vector<TopicPartition>& partitions, bool paused) {
  for (const auto& partition : partitions) {
    const auto found = places_.find(partition);
    if (found != places_.end()) found->second.paused = paused;
  }
  fetcher_.wake();
}

std::optional<Offset> Consumer::Core::known_position(const TopicPartition& partition) const {
  const auto found = places_.find(partition);
  if (found == places_.end() || found->second.wanted_time) return std::nullopt;
  return found->second.position;
}

Task<Answer<Offset>> Consumer::Core::position(TopicPartition partition) {
  const auto deadline = in(options_.api_timeout);
  while (true) {
    if (const auto known = known_position(partition)) co_return *known;
    if (auto error = take_error()) co_return refusal(std::move(*error));
    auto told = co_await news(deadline);
    if (told) continue;
    IoError late(IoError::Kind::timed_out, "no position of " + partition.text() + " in time");
    co_return refusal(std::move(late));
  }
}

Task<Answer<std::map<TopicPartition, OffsetAndTime>>> Consumer::Core::look_up(
    std::vector<OffsetQuery> queries) {
  return look_up_offsets(cluster_, std::move(queries), options_.isolation_level,
                         in(options_.api_timeout));
}

Task<Answer<Consumer::Offsets>> Consumer::Core::offsets_at(std::vector<TopicPartition> partitions,
                                                           std::int64_t time) {
  std::vector<OffsetQuery> queries;
  for (auto& partition : partitions) queries.emplace_back(std::move(partition), time);
  auto found = co_await look_up(std::move(queries));
  if (!found) co_return refusal(found.error());
  Offsets offsets;
  for (const auto& [partition, finding] : *found) offsets[partition] = finding.offset;
  co_return offsets;
}

Task<Answer<Consumer::OffsetsAndTimes>> Consumer::Core::offsets_for(Times times) {
  std::vector<OffsetQuery> queries;
  for (const auto& [partition, time] : times) queries.emplace_back(partition, to_ms(time));
  auto found = co_await look_up(std::move(queries));
  if (!found) co_return refusal(found.error());
  OffsetsAndTimes result;
  for (const auto& [partition, finding] : *found) {
    auto& entry = result[partition];
    if (finding.offset >= Offset(0)) entry = finding;
  }
  co_return result;
}

Task<Answer<void>> Consumer::Core::seek_to_time(std::vector<TopicPartition> partitions,
                                                WallTime when) {
  Times times;
  for (const auto& partition : partitions) times[partition] = when;
  // The end first: a record that is appended between the two questions must not be skipped.
  auto ends = co_await offsets_at(std::move(partitions), listed::latest);
  if (!ends) co_return refusal(ends.error());
  auto found = co_await offsets_for(std::move(times));
  if (!found) co_return refusal(found.error());
  for (const auto& [partition, finding] : *found) {
    seek(partition, finding ? finding->offset : ends->at(partition), std::nullopt);
  }
  co_return Answer<void>();
}

Task<Answer<std::int32_t>> Consumer::Core::partitions_of(std::string topic) {
  auto known = co_await cluster_.metadata.topic(std::move(topic), in(options_.api_timeout));
  if (!known) co_return refusal(known.error());
  co_return static_cast<std::int32_t>(known->leaders.size());
}

Consumer::Consumer(Env env, ConsumerOptions options)
    : core_(std::make_unique<Core>(env, std::move(options))) {}
Consumer::~Consumer() = default;

void Consumer::assign(std::vector<TopicPartition> partitions) {
  core_->assign(std::move(partitions));
}
std::vector<TopicPartition> Consumer::assignment() const { return core_->listed(false); }
void Consumer::seek(TopicPartition partition, Offset offset) {
  core_->seek(partition, offset, std::nullopt);
}
void Consumer::seek_to_beginning(const std::vector<TopicPartition>& partitions) {
  for (const auto& one : partitions) core_->seek(one, std::nullopt, listed::earliest);
}
void Consumer::seek_to_end(const std::vector<TopicPartition>& partitions) {
  for (const auto& one : partitions) core_->seek(one, std::nullopt, listed::latest);
}
Task<Answer<void>> Consumer::seek_to_time(std::vector<TopicPartition> partitions, WallTime when) {
  return core_->seek_to_time(std::move(partitions), when);
}
Task<Answer<std::vector<ConsumedRecord>>> Consumer::poll(Instant deadline) {
  return core_->poll(deadline);
}
Task<Answer<std::vector<ConsumedRecord>>> Consumer::poll(Duration within) {
  return core_->poll(core_->in(within));
}
void Consumer::pause(const std::vector<TopicPartition>& partitions) {
  core_->pause(partitions, true);
}
void Consumer::resume(const std::vector<TopicPartition>& partitions) {
  core_->pause(partitions, false);
}
std::vector<TopicPartition> Consumer::paused() const { return core_->listed(true); }
Task<Answer<Offset>> Consumer::position(TopicPartition partition) {
  return core_->position(std::move(partition));
}
std::optional<Offset> Consumer::known_position(const TopicPartition& partition) const {
  return core_->known_position(partition);
}
Task<Answer<Consumer::Offsets>> Consumer::beginning_offsets(
    std::vector<TopicPartition> partitions) {
  return core_->offsets_at(std::move(partitions), listed::earliest);
}
Task<Answer<Consumer::Offsets>> Consumer::end_offsets(std::vector<TopicPartition> partitions) {
  return core_->offsets_at(std::move(partitions), listed::latest);
}
Task<Answer<Consumer::OffsetsAndTimes>> Consumer::offsets_for_times(Times times) {
  return core_->offsets_for(std::move(times));
}
Task<Answer<std::int32_t>> Consumer::partitions_of(std::string topic) {
  return core_->partitions_of(std::move(topic));
}

}  // namespace trialog::client
