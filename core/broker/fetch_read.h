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

/// What a fetch is read from. All of it outlives the reading.
struct FetchSource {
  explicit FetchSource(Broker& broker)
      : env(broker.env), options(broker.options), replicas(broker.replicas) {}
  FetchSource(Env& environment, const node::Options& node_options,
              replication::ReplicaHost& replica_host)
      : env(environment), options(node_options), replicas(replica_host) {}

  Env& env;
  const node::Options& options;
  replication::ReplicaHost& replicas;
};

/// Who reads: a client, or another replica, which gets also what is not committed yet and says by
/// its position how far it has the log.
struct FetchReader {
  NodeId replica{-1};  // -1: a client.
  std::int64_t broker_epoch = -1;
  std::string rack;
  bool knows_followers = false;  // May be sent to another replica, or have been (KIP-392).

  bool is_replica() const { return replica.value >= 0; }
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
  NodeId preferred{-1};  // A replica nearer to the client.
  Chain records;
  std::shared_ptr<replication::Replica> replica;
  std::shared_ptr<log::PartitionLog> log;
  Offset seen_end{-1};  // How far it could be read when it was.
  bool start_moved = false;
  bool counted = false;  // The replica's position, once for this request.

  FetchOutcome outcome() const;
};

/// Reads what a fetch asks for, and waits until it is enough: `min_bytes`, an error, or the end of
/// `max_wait`. A replica is not kept waiting once the log begins later, which it shall do as well.
/// Lives for one request.
class FetchRead {
 public:
  FetchRead(FetchSource source, FetchReader reader, FetchLimits limits,
            std::vector<FetchWish> wishes);

  Task<void> run();
  std::vector<FetchedPartition>& partitions() { return partitions_; }

 private:
  void resolve(FetchedPartition& partition) const;
  Task<void> read_all();
  /// True if the log is to be read up to what was checked here.
  bool check(FetchedPartition& partition) const;
  ErrorCode access_error(const FetchedPartition& partition) const;
  ErrorCode replica_error(const FetchedPartition& partition) const;
  partition::FollowerFetch follower_fetch(const FetchedPartition& partition) const;
  void prefer_nearer(FetchedPartition& partition) const;
  void check_position(FetchedPartition& partition) const;
  bool check_epochs(FetchedPartition& partition) const;
  Task<void> read_records(FetchedPartition& partition, std::int64_t limit, bool first);
  bool is_enough() const;
  bool has_moved(const FetchedPartition& partition) const;
  bool any_moved() const;
  void watch_all();
  Offset end_for_reader(const FetchedPartition& partition) const;
  bool throttled(const FetchedPartition& partition) const;
  Signal& moves_of(replication::Replica& replica) const;
  Task<void> watch(std::shared_ptr<replication::Replica> replica);
  Task<void> watch_hurry();
  Task<void> time_out(Instant deadline);

  FetchSource source_;
  FetchReader reader_;
  FetchLimits limits_;
  std::vector<FetchedPartition> partitions_;
  Signal woken_;
  bool timed_out_ = false;
  TaskGroup watches_;  // Last: its tasks use the signal.
};

}  // namespace trialog::broker
