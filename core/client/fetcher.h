#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/client/chunk.h"
#include "core/client/consumer.h"
#include "core/client/metadata.h"
#include "core/client/offset_lookup.h"

namespace trialog::protocol {
struct FetchRequest;
struct FetchResponse;
}  // namespace trialog::protocol

namespace trialog::client {

/// Where a consumer stands in one partition, and what has been fetched ahead of it.
struct Place {
  /// Of the next record to hand out; unknown while a broker must be asked.
  std::optional<Offset> position;
  /// What to ask for to know it: `listed::earliest` or `listed::latest`.
  std::optional<std::int64_t> wanted_time;
  /// Where the next fetch begins, and the epoch of the batch before.
  Offset fetch_from;
  Epoch last_epoch = no_epoch;
  std::deque<Chunk> chunks;
  /// Changes with every seek and whenever a fetch has moved us: answers to what was asked before
  /// are not for us.
  std::uint64_t generation = 0;
  bool paused = false;
  bool asking = false;
  /// The log does not have `fetch_from`: look again when the chunks have been read.
  bool drain_first = false;
  /// Nothing goes on until a seek.
  bool stuck = false;
  /// To be told by the next poll.
  std::optional<ClientError> error;
  int failures = 0;
  Instant not_before;
};

/// Keeps the places of a consumer filled: asks for positions and fetches from the leaders, one
/// fetch at a time and broker, while fewer than two chunks of each partition wait to be read.
///
/// Always true: a place moves only by answers to what was asked from where it stands. After a
/// change of leaders two brokers may be asked for one partition; the slower one is not listened to.
class Fetcher {
 public:
  using Places = std::map<TopicPartition, Place>;

  /// All must outlive it. Whoever changes a place wakes it.
  Fetcher(Cluster& cluster, const ConsumerOptions& options, Places& places);
  Fetcher(const Fetcher&) = delete;

  void wake();
  /// Where a place without a position begins; nothing with `OffsetReset::none`.
  std::optional<std::int64_t> reset_time() const;
  std::uint64_t next_generation() { return ++generation_; }

 private:
  struct Target {
    TopicPartition partition;
    std::uint64_t generation;
  };
  using Targets = std::vector<Target>;

  // fetcher.cc: what to ask whom.
  Task<void> run();
  Instant look(Instant now);
  void ask_positions(ConnectionPool::LinkPtr link, const Targets& targets);
  Task<void> position(ConnectionPool::LinkPtr link, Targets targets,
                      std::vector<OffsetQuery> asked);

  // fetch.cc: one fetch.
  Task<void> fetch(NodeId node, ConnectionPool::LinkPtr link, Targets targets);
  protocol::FetchRequest request_for(const Targets& targets, const Link& link, std::int16_t& limit);
  void on_responses(const Targets& targets, const protocol::FetchResponse& response);
  template <class PartitionData>
  void on_data(const TopicPartition& partition, Place& place, const PartitionData& data);
  void on_error(Place& place, ErrorCode error);
  void on_out_of_range(Place& place);
  void on_truncation(Place& place, Offset end);

  Place* find(const Target& target);
  void failed(Place& place);
  /// The next fetch begins at `from`, behind a batch of `last_epoch`.
  void go_on(Place& place, Offset from, Epoch last_epoch);

  Cluster& cluster_;
  const ConsumerOptions& options_;
  Places& places_;
  Random random_;
  std::set<NodeId> fetching_;
  std::uint64_t generation_ = 0;
  bool changed_ = false;
  TaskGroup tasks_;
};

}  // namespace trialog::client
