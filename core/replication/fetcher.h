#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/client/connection_pool.h"
#include "core/env/env.h"
#include "core/protocol/messages/fetch.h"
#include "core/replication/replica.h"
#include "core/replication/throttle.h"

namespace trialog::replication {

/// How followers fetch; names and defaults are Kafka's.
struct FetcherOptions {
  Duration wait_max = milliseconds(500);       // replica.fetch.wait.max.ms
  Duration backoff_max = seconds(1);           // replica.fetch.backoff.ms
  std::int32_t min_bytes = 1;                  // replica.fetch.min.bytes
  std::int32_t max_bytes = 1 << 20;            // replica.fetch.max.bytes, of one partition
  std::int32_t response_max_bytes = 10 << 20;  // replica.fetch.response.max.bytes
};

/// Follows one leader in all partitions that we follow it in: one fetch after the other, in a
/// session (KIP-227). A fetch asks from where our log ends, and says by this that everything before
/// is kept here; so the next one leaves when the appends of the last answer are, by one write, and
/// one sync, for all of them.
///
/// Once begun, a cut of a log is seen to its end: a fetcher is not destroyed but with its node.
class Fetcher {
 public:
  /// A partition by topic id and number.
  using Key = std::pair<Uuid, std::int32_t>;

  /// Everything that is given by reference outlives it. `throttle` is for followers.
  Fetcher(Env& env, client::ConnectionPool& pool, const FetcherOptions& options, Throttle& throttle,
          NodeId self, NodeId leader);

  void registered(std::int64_t broker_epoch) { broker_epoch_ = broker_epoch; }
  /// Follows the leader in this partition from now on, in the epoch that the replica is in.
  void follow(std::shared_ptr<Replica> replica);
  void leave(const Key& key);
  std::size_t size() const { return followed_.size(); }

 private:
  using Request = protocol::FetchRequest;
  using Response = protocol::FetchResponse;
  using PartitionAnswer = Response::PartitionData;

  struct Followed {
    std::shared_ptr<Replica> replica;
    int failures = 0;
    Instant not_before;
    bool in_session = false;  // The leader has it in mind, with `sent`.
    Request::FetchPartition sent;
    Epoch asked_in = no_epoch;  // The epoch in which it was asked for last.
  };

  Task<void> run();
  Task<void> prepare();
  Request request();
  Request::FetchPartition wish(const Followed& followed) const;
  bool may_ask(const Key& key, const Followed& followed) const;
  Task<Result<Response>> ask(Request request);
  /// False if the session is over.
  Task<bool> take(Response response);
  Task<void> take(Key key, PartitionAnswer answer);
  Task<void> append(Followed& followed, const PartitionAnswer& answer);
  ErrorCode append_batches(Followed& followed, const Bytes& bytes);
  Task<Status> resolve_range(std::shared_ptr<Replica> replica, Epoch epoch);
  Task<Result<Offset>> list_offset(std::shared_ptr<Replica> replica, Epoch epoch,
                                   std::int64_t time);
  void back_off(Followed& followed, std::string_view why);
  void forget_session();
  Instant next_try() const;

  Env& env_;
  client::ConnectionPool& pool_;
  const FetcherOptions& options_;
  Throttle& throttle_;
  NodeId self_;
  NodeId leader_;
  Random random_;
  std::int64_t broker_epoch_ = -1;

  std::map<Key, Followed> followed_;
  std::set<Key> touched_;    // To be looked at before the next request.
  std::set<Key> forgotten_;  // The leader still has them in mind.
  std::int32_t session_id_ = 0;
  std::int32_t session_epoch_ = 0;
  int failures_ = 0;
  Signal changed_;
  TaskGroup tasks_;
};

}  // namespace trialog::replication
