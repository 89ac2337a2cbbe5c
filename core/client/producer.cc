#include "core/client/producer.h"

#include <algorithm>
#include <utility>

#include "core/client/producer_core.h"

namespace trialog::client {
namespace {

/// Brokers remember five batches of a producer; without acknowledgements by all there is nothing
/// to be idempotent about.
ProducerOptions possible(ProducerOptions options) {
  if (options.acks != Acks::all) options.enable_idempotence = false;
  if (options.enable_idempotence) options.max_in_flight = std::min(options.max_in_flight, 5);
  options.max_in_flight = std::max(options.max_in_flight, 1);
  if (!options.partitioner) options.partitioner = std::make_shared<DefaultPartitioner>();
  return options;
}

Partitioner::MaybeBytes view(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return bytes->view();
}

SendResult refused(const Record& record, ClientError error) {
  return SendResult{.outcome = Outcome::not_written,
                    .partition = TopicPartition(record.topic, record.partition.value_or(-1)),
                    .timestamp = record.timestamp.value_or(WallTime()),
                    .error = std::move(error)};
}

}  // namespace

Producer::Core::Core(Env env, ProducerOptions options)
    : options_(possible(std::move(options))),
      cluster_(env, options_, options_.allow_auto_create_topics),
      random_(env.random.fork("client.partitioner")),
      room_(env.executor, env.clock, options_.buffer_memory),
      sender_(cluster_, options_, room_) {}

Task<Delivery> Producer::Core::post(Record record, DeliveryCallback callback) {
  const auto size = PendingBatch::size_of(record);
  const auto deadline = cluster_.env.clock.now() + options_.max_block;
  auto trouble = co_await admit(record, size, deadline);
  if (!trouble) {
    auto appended = append(record, size, callback);
    if (appended) co_return std::move(*appended);
    room_.give_back(size);
    trouble = std::move(appended.error());
  }
  auto result = refused(record, std::move(*trouble));
  if (callback) callback(result);
  co_return Delivery(std::move(result));
}

Task<std::optional<ClientError>> Producer::Core::admit(const Record& record, std::size_t size,
                                                       Instant deadline) {
  const ClientError closed(IoError(IoError::Kind::closed, "the producer is closed"));
  if (closed_) co_return closed;
  if (size > options_.max_request_size || size > room_.total()) {
    co_return ClientError(ErrorCode::message_too_large, std::to_string(size) + " bytes");
  }
  if (cluster_.metadata.find(record.topic) == nullptr) {
    auto known = co_await cluster_.metadata.topic(record.topic, deadline);
    if (!known) co_return known.error();
  }
  if (!room_.try_take(size)) {
    sender_.wake();  // What lingers goes out now.
    auto taken = co_await room_.take(size, deadline);
    IoError late(IoError::Kind::timed_out, "the buffer is full");
    if (!taken) co_return ClientError(std::move(late));
  }
  if (!closed_) co_return std::nullopt;
  room_.give_back(size);
  co_return closed;
}

Answer<std::int32_t> Producer::Core::choose(const Record& record) {
  const auto* topic = cluster_.metadata.find(record.topic);
  if (topic == nullptr) {
    return refusal(ErrorCode::unknown_topic_or_partition, record.topic);
  }
  PartitionsOfTopic partitions{.topic = record.topic,
                               .count = static_cast<std::int32_t>(topic->leaders.size())};
  std::int32_t chosen = -1;
  if (record.partition) {
    chosen = *record.partition;
    if (chosen >= partitions.count) cluster_.metadata.refresh();  // There may be more by now.
  } else if (partitions.count > 0) {
    available_.clear();
    for (std::int32_t i = 0; i < partitions.count; ++i) {
      if (topic->leaders[static_cast<std::size_t>(i)].node.value >= 0) available_.push_back(i);
    }
    partitions.available = available_;
    chosen =
        options_.partitioner->choose(partitions, view(record.key), view(record.value), random_);
  }
  if (chosen >= 0 && chosen < partitions.count) return chosen;
  return refusal(ErrorCode::unknown_topic_or_partition,
                 record.topic + " has " + std::to_string(partitions.count) + " partitions, not " +
                     std::to_string(chosen));
}

PendingBatch* Producer::Core::open_batch(Lane& lane, std::size_t size, bool& filled) {
  auto* batch = lane.open_batch();
  if (batch == nullptr || batch->size() + size <= options_.batch_size) return batch;
  batch->close();
  filled = true;
  return nullptr;
}

PendingBatch* Producer::Core::add_batch(Lane& lane) {
  auto fate = std::make_shared<BatchFate>(cluster_.env.executor, lane.partition());
  lane.push(std::make_shared<PendingBatch>(std::move(fate), options_.compression,
                                           cluster_.env.clock.now()));
  return lane.open_batch();
}

Answer<PendingBatch*> Producer::Core::batch_for(const Record& record, std::size_t size) {
  auto chosen = choose(record);
  if (!chosen) return refusal(chosen.error());
  bool filled = false;
  auto* lane = &sender_.lane(record.topic, *chosen);
  auto* batch = open_batch(*lane, size, filled);
  if (filled && !record.partition) {
    PartitionsOfTopic partitions{.topic = record.topic,
                                 .count = static_cast<std::int32_t>(available_.size()),
                                 .available = available_};
    const auto* topic = cluster_.metadata.find(record.topic);
    partitions.count = static_cast<std::int32_t>(topic->leaders.size());
    options_.partitioner->on_new_batch(partitions, *chosen, random_);
    auto again = choose(record);
    if (!again) return refusal(again.error());
    lane = &sender_.lane(record.topic, *again);
    batch = open_batch(*lane, size, filled);
  }
  return batch != nullptr ? batch : add_batch(*lane);
}

Answer<Delivery> Producer::Core::append(const Record& record, std::size_t size,
                                        DeliveryCallback& callback) {
  auto found = batch_for(record, size);
  if (!found) return refusal(found.error());
  auto& batch = **found;
  const auto timestamp = record.timestamp.value_or(cluster_.env.clock.wall_now());
  const auto index = batch.add(record, timestamp);
  batch.held += size;
  if (callback) batch.fate->call_back(index, timestamp, std::move(callback));
  if (batch.size() >= options_.batch_size) batch.close();
  if (index == 0 || !batch.open()) sender_.wake();
  return Delivery(batch.fate, index, timestamp);
}

Task<void> Producer::Core::flush() {
  Sender::Haste haste(sender_);
  const auto fates = sender_.open_fates();
  for (const auto& fate : fates) {
    while (!fate->settled()) co_await fate->wait();
  }
}

Task<bool> Producer::Core::flushed() {
  co_await flush();
  co_return true;
}

Task<void> Producer::Core::close(Instant deadline) {
  closed_ = true;
  auto flushing = within(cluster_.env.executor, cluster_.env.clock, deadline, flushed());
  auto done = co_await flushing;
  const ClientError why(IoError(IoError::Kind::closed, "the producer was closed"));
  if (!done) sender_.give_up(why);
}

Task<Answer<std::int32_t>> Producer::Core::partitions_of(std::string topic) {
  const auto deadline = cluster_.env.clock.now() + options_.max_block;
  auto known = co_await cluster_.metadata.topic(std::move(topic), deadline);
  if (!known) co_return refusal(known.error());
  co_return static_cast<std::int32_t>(known->leaders.size());
}

Producer::Producer(Env env, ProducerOptions options)
    : core_(std::make_unique<Core>(env, std::move(options))) {}
Producer::~Producer() = default;

namespace {

Task<SendResult> outcome(Task<Delivery> posting) {
  auto delivery = co_await posting;
  auto waiting = delivery.wait();
  co_return co_await waiting;
}

Task<void> posted(Task<Delivery> posting) { co_await posting; }

}  // namespace

Task<SendResult> Producer::send(Record record) {
  return outcome(core_->post(std::move(record), nullptr));
}
Task<Delivery> Producer::post(Record record) { return core_->post(std::move(record), nullptr); }
Task<void> Producer::post(Record record, DeliveryCallback callback) {
  return posted(core_->post(std::move(record), std::move(callback)));
}
Task<void> Producer::flush() { return core_->flush(); }
Task<void> Producer::close(Instant deadline) { return core_->close(deadline); }
Task<Answer<std::int32_t>> Producer::partitions_of(std::string topic) {
  return core_->partitions_of(std::move(topic));
}
std::size_t Producer::buffered() const { return core_->buffered(); }

}  // namespace trialog::client
