#pragma once

#include <memory>
#include <vector>

#include "core/client/consumer.h"
#include "core/client/producer.h"
#include "core/env/env.h"
#include "scenarios/runner/history.h"

namespace trialog::scenarios {

/// One `produce` step.
struct ProduceOrder {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::int64_t records = 100;
  std::int64_t keys = 0;  // 0: no keys.
  std::size_t size = 100;
  Duration interval{0};       // Between two records; 0: as fast as it goes.
  std::vector<Endpoint> via;  // Asked first; empty: any broker.
  client::ProducerOptions options;
};

/// One `consume` step.
struct ConsumeOrder {
  enum class From { beginning, end, offset };
  std::vector<TopicPartition> partitions;
  From from = From::beginning;
  Offset offset;
  std::int64_t records = 0;  // 0: no number is asked for.
  Duration lasting{0};       // 0: no time is asked for.
};

/// The producers and consumers of a run, on one client machine. What they do and see goes into the
/// history, which outlives them. Destroying it is a crash of the clients.
class Workload {
 public:
  Workload(Env env, std::vector<Endpoint> bootstrap, History& history);

  /// Done when each record has its outcome.
  Task<void> produce(ProduceOrder order);
  Task<void> consume(ConsumeOrder order);
  /// Reads every partition from the beginning to the end that it has now, and asks `lookups`
  /// questions of each. Tries again until it succeeds: the caller sets the limit.
  Task<void> final_read(std::vector<TopicPartition> partitions, int lookups);

 private:
  Task<void> outcome(client::Delivery delivery, std::size_t send);
  Task<void> read_partition(TopicPartition partition, Offset end);
  Task<void> look_up(TopicPartition partition, Offset end);
  Task<void> look_up_time(TopicPartition partition);
  void note_reads(const std::vector<client::ConsumedRecord>& records, int consumer, bool final);
  client::ConsumerOptions consumer_options() const;

  Env env_;
  std::vector<Endpoint> bootstrap_;
  History& history_;
  Random chance_;
  int next_client_ = 1;
  Value next_value_ = 1;
};

}  // namespace trialog::scenarios
