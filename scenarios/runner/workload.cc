#include "scenarios/runner/workload.h"

#include <set>

namespace trialog::scenarios {
namespace {

Outcome outcome_of(const client::SendResult& result) {
  switch (result.outcome) {
    case client::Outcome::acknowledged:
      return Outcome::acknowledged;
    case client::Outcome::not_written:
      return Outcome::failed;
    case client::Outcome::unknown:
      break;
  }
  return Outcome::unknown;
}

}  // namespace

Workload::Workload(Env env, std::vector<Endpoint> bootstrap, History& history)
    : env_(env),
      bootstrap_(std::move(bootstrap)),
      history_(history),
      chance_(env.random.fork("workload")) {}

Task<void> Workload::produce(ProduceOrder order) {
  const int id = next_client_++;
  order.options.bootstrap = order.via.empty() ? bootstrap_ : order.via;
  client::Producer producer(env_, order.options);
  TaskGroup open(env_.executor);
  for (std::int64_t i = 0; i < order.records; ++i) {
    if (order.interval > Duration{0}) co_await env_.clock.sleep(order.interval);
    const Value value = next_value_++;
    client::Record record(order.topic, payload_of(value, order.size));
    record.partition = order.partition;
    if (order.keys > 0) {
      const auto key = chance_.below(static_cast<std::uint64_t>(order.keys));
      record.key = Bytes::copy_of("key-" + std::to_string(key));
    }
    const auto send = history_.sends.size();
    Send entry;
    entry.producer = id;
    entry.to = TopicPartition(order.topic, order.partition.value_or(-1));
    entry.value = value;
    entry.idempotent = order.options.enable_idempotence;
    entry.acks = static_cast<int>(order.options.acks);
    history_.sends.push_back(std::move(entry));
    auto delivery = co_await producer.post(std::move(record));
    open.run("outcome", outcome(std::move(delivery), send));
  }
  co_await producer.flush();
  co_await open.all_done();
}

Task<void> Workload::outcome(client::Delivery delivery, std::size_t send) {
  const auto result = co_await delivery.wait();
  auto& entry = history_.sends[send];
  entry.outcome = outcome_of(result);
  if (!result.partition.topic.empty()) entry.to = result.partition;
  if (result.acknowledged()) entry.offset = result.offset;
  if (result.error) entry.problem = result.error->text();
}

client::ConsumerOptions Workload::consumer_options() const {
  client::ConsumerOptions options;
  options.bootstrap = bootstrap_;
  options.auto_offset_reset = client::OffsetReset::earliest;
  options.request_timeout = seconds(5);
  return options;
}

void Workload::note_reads(const std::vector<client::ConsumedRecord>& records, int consumer,
                          bool final) {
  for (const auto& record : records) {
    Read read;
    read.consumer = consumer;
    read.from = record.partition;
    read.offset = record.offset;
    read.timestamp = record.timestamp;
    read.value = record.value ? value_of(record.value->text()) : 0;
    read.final = final;
    history_.reads.push_back(std::move(read));
  }
}

Task<void> Workload::consume(ConsumeOrder order) {
  const int id = next_client_++;
  client::Consumer consumer(env_, consumer_options());
  consumer.assign(order.partitions);
  if (order.from == ConsumeOrder::From::end) consumer.seek_to_end(order.partitions);
  for (const auto& partition : order.partitions) {
    if (order.from == ConsumeOrder::From::offset) consumer.seek(partition, order.offset);
  }
  const auto deadline = order.lasting > Duration{0} ? env_.clock.now() + order.lasting : never;
  std::int64_t left = order.records > 0 ? order.records : std::int64_t{1} << 62;
  while (left > 0 && env_.clock.now() < deadline) {
    auto records = co_await consumer.poll(std::min(deadline, env_.clock.now() + seconds(1)));
    if (!records) continue;  // Brokers die in these stories; the final read judges what is there.
    left -= static_cast<std::int64_t>(records->size());
    note_reads(*records, id, false);
  }
}

Task<void> Workload::final_read(std::vector<TopicPartition> partitions, int lookups) {
  for (const auto& partition : partitions) {
    client::Consumer asker(env_, consumer_options());
    std::optional<Offset> end;
    while (!end) {
      std::vector<TopicPartition> one;
      one.push_back(partition);
      auto ends = co_await asker.end_offsets(std::move(one));
      if (ends) end = ends->at(partition);
    }
    co_await read_partition(partition, *end);
    for (int i = 0; i < lookups && end->value > 0; ++i) {
      co_await look_up(partition, *end);
      co_await look_up_time(partition);
    }
  }
}

Task<void> Workload::read_partition(TopicPartition partition, Offset end) {
  const int id = next_client_++;
  client::Consumer consumer(env_, consumer_options());
  std::vector<TopicPartition> one;
  one.push_back(partition);
  consumer.assign(one);
  consumer.seek_to_beginning(one);
  for (;;) {
    const auto position = co_await consumer.position(partition);
    if (position && *position >= end) co_return;
    auto records = co_await consumer.poll(seconds(1));
    if (records) {
      note_reads(*records, id, true);
    } else if (records.error().code() == ErrorCode::corrupt_message) {
      history_.read_errors.push_back(partition.text() + ": " + records.error().text());
      co_return;
    }
  }
}

Task<void> Workload::look_up(TopicPartition partition, Offset end) {
  Lookup lookup;
  lookup.in = partition;
  const auto target = chance_.below(static_cast<std::uint64_t>(end.value));
  lookup.offset_asked = Offset(static_cast<std::int64_t>(target));
  client::Consumer consumer(env_, consumer_options());
  std::vector<TopicPartition> one;
  one.push_back(partition);
  consumer.assign(one);
  consumer.seek(partition, *lookup.offset_asked);
  for (int tries = 0; tries < 20 && !lookup.answer; ++tries) {
    auto records = co_await consumer.poll(seconds(1));
    if (records && !records->empty()) lookup.answer = records->front().offset;
    if (!records && records.error().code() == ErrorCode::corrupt_message) break;
  }
  history_.lookups.push_back(std::move(lookup));
}

Task<void> Workload::look_up_time(TopicPartition partition) {
  std::set<WallTime> times;
  for (const auto& read : history_.reads) {
    if (read.final && read.from == partition) times.insert(read.timestamp);
  }
  if (times.empty()) co_return;
  auto chosen = times.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(chance_.below(times.size())));
  Lookup lookup;
  lookup.in = partition;
  lookup.time_asked = *chosen;
  client::Consumer consumer(env_, consumer_options());
  client::Consumer::Times question;
  question[partition] = *chosen;
  auto answers = co_await consumer.offsets_for_times(question);
  if (!answers) co_return;
  const auto& answer = answers->at(partition);
  if (answer) lookup.answer = answer->offset;
  history_.lookups.push_back(std::move(lookup));
}

}  // namespace trialog::scenarios
