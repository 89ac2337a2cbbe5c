#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/topic.h"
#include "core/base/uuid.h"
#include "core/client/client_error.h"
#include "core/client/connection_pool.h"

namespace trialog::protocol {
struct MetadataRequest;
struct MetadataResponse;
}  // namespace trialog::protocol

namespace trialog::client {

/// What a client knows of the cluster: brokers, and of each topic it has asked for the leaders.
/// Asks again when told that something is wrong, and when it is too old; raises `news` after every
/// answer. Never goes back to a leader of an older epoch (KIP-320): the broker that tells of one is
/// behind, and the next to be asked is another.
class Metadata {
 public:
  struct Leader {
    NodeId node{-1};  // -1 while there is none.
    Epoch epoch = no_epoch;
  };
  struct Topic {
    Uuid id;  // Zero if the broker has no ids.
    bool internal = false;
    std::vector<Leader> leaders;  // By partition.
  };

  /// `pool` learns of the brokers. All of them must outlive it.
  Metadata(Env& env, const ConnectionOptions& options, bool auto_create, ConnectionPool& pool,
           Signal& news);

  /// Null until it is known; asks for it then.
  const Topic* find(const std::string& topic);
  /// Nothing if there is none now; asks again then.
  std::optional<Leader> leader(const TopicPartition& partition);
  /// Waits until the topic is known. Fails at once where asking again is no use.
  Task<Answer<Topic>> topic(std::string name, Instant deadline);
  /// What is known is wrong.
  void refresh();

 private:
  struct Wanted {
    std::optional<Topic> known;
    ErrorCode error = ErrorCode::none;
  };

  Task<void> keep_fresh();
  Task<Status> ask();
  protocol::MetadataRequest request(bool can_forbid_creation) const;
  void learn(const protocol::MetadataResponse& response);

  Env& env_;
  const ConnectionOptions& options_;
  bool auto_create_;
  ConnectionPool& pool_;
  Signal& news_;
  Random random_;
  std::map<std::string, Wanted> topics_;
  bool stale_ = false;
  NodeId asked_{0};          // The last.
  bool was_behind_ = false;  // The broker that answered last.
  Instant not_before_;
  Instant best_before_ = never;
  Signal wake_;
  TaskGroup tasks_;
};

/// What every client stands on. Neither copied nor moved: its parts know each other.
struct Cluster {
  Cluster(Env environment, ConnectionOptions connection, bool auto_create)
      : env(environment),
        options(std::move(connection)),
        news(env.executor),
        pool(env, options, news),
        metadata(env, options, auto_create, pool, news) {}
  Cluster(const Cluster&) = delete;

  /// The link to a leader, if it stands. If it will not, others may know of another leader; if the
  /// leader is not among the brokers, whoever told us of those was behind.
  ConnectionPool::LinkPtr link_to(NodeId leader) {
    auto link = pool.ready(leader);
    if (!link && pool.is_doubtful(leader)) metadata.refresh();
    return link;
  }

  Env env;
  const ConnectionOptions options;
  /// Raised when anything changes that somebody may wait for.
  Signal news;
  ConnectionPool pool;
  Metadata metadata;
};

}  // namespace trialog::client
