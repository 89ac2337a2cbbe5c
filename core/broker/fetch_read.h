#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "core/broker/broker.h"
#include "core/broker/fetch_session.h"

namespace trialog::broker {

/// How much of everything a fetch wants, and for how long it will wait.
struct FetchLimits {
  std::int64_t max_bytes = 0;
  std::int64_t min_bytes = 0;
  Duration max_wait{0};
};

/// What there is to say about one partition.
struct FetchedPartition {
  explicit FetchedPartition(FetchWish w) : wish(std::move(w)) {}

  FetchWish wish;
  std::string topic;  // By name also if the wish has an id; empty if that is unknown.
  Uuid topic_id;
  ErrorCode error = ErrorCode::none;
  /// Whether the error comes from a replica of ours and so ends the waiting.
  bool failed_here = false;
  Offset high_watermark{-1};
  Offset log_start{-1};
  std::optional<log::EpochEnd> diverging;
  Chain records;
  std::shared_ptr<const replication::Replica> replica;
  std::shared_ptr<log::PartitionLog> log;

  FetchOutcome outcome() const;
};

/// Reads what a fetch asks for, and waits until it is enough: `min_bytes`, an error, or the end of
/// `max_wait`. Lives for one request.
class FetchRead {
 public:
  /// `broker` outlives it.
  FetchRead(Broker& broker, FetchLimits limits, std::vector<FetchWish> wishes);

  Task<void> run();
  std::vector<FetchedPartition>& partitions() { return partitions_; }

 private:
  void resolve(FetchedPartition& partition) const;
  Task<void> read_all();
  /// True if the log is to be read up to what was checked here.
  bool check(FetchedPartition& partition) const;
  void check_position(FetchedPartition& partition) const;
  bool check_epochs(FetchedPartition& partition) const;
  Task<void> read_records(FetchedPartition& partition, std::int64_t limit, bool first);
  bool is_enough() const;
  bool has_moved(const FetchedPartition& partition) const;
  bool any_moved() const;
  void watch_all();
  Task<void> watch(std::shared_ptr<log::PartitionLog> log);
  Task<void> time_out(Instant deadline);

  Broker& broker_;
  FetchLimits limits_;
  std::vector<FetchedPartition> partitions_;
  Signal woken_;
  bool timed_out_ = false;
  TaskGroup watches_;  // Last: its tasks use the signal.
};

}  // namespace trialog::broker
