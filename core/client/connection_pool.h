#pragma once

#include <map>
#include <memory>
#include <optional>

#include "core/base/ids.h"
#include "core/client/link.h"

namespace trialog::client {

/// At most one link to each broker, made when it is wanted. The bootstrap servers are nodes with
/// negative ids, -1 first. After a failure a broker is left alone for a while that doubles each
/// time. Every attempt and every loss raises `news`.
class ConnectionPool {
 public:
  using LinkPtr = std::shared_ptr<Link>;

  /// `env`, `options` and `news` must outlive it.
  ConnectionPool(Env& env, const ConnectionOptions& options, Signal& news);

  /// The brokers there are. Links to others, or to where one is no longer, are dropped.
  void learn(const std::map<NodeId, Endpoint>& brokers);

  /// The link if it stands; null otherwise, and an attempt is under way unless the node is unknown.
  LinkPtr ready(NodeId node);
  /// Whether no link stands, and the node is unknown, or the last attempt failed, or the one under
  /// way takes longer than `reconnect_backoff_max`: the cluster may have moved on. Time alone makes
  /// it so, with `news`.
  bool is_doubtful(NodeId node) const;
  /// The same as `ready`, but awaits one attempt. An error means that nothing was sent.
  Task<Result<LinkPtr>> link(NodeId node, Instant deadline);
  /// A link to whatever broker can be reached, `whom` first, bootstrap servers included. `whom`
  /// then says who it is.
  Task<Result<LinkPtr>> any(NodeId& whom, Instant deadline);
  /// A link to another broker than `whom`, if there is one: for those whom its answer did not help.
  /// Asked again and again it goes through all of them.
  Task<Result<LinkPtr>> another(NodeId& whom, Instant deadline);

 private:
  struct Node {
    Endpoint endpoint;
    LinkPtr link;
    bool connecting = false;
    int failures = 0;
    Instant not_before;
    Instant doubtful_at;           // While connecting.
    std::optional<IoError> error;  // Of the last attempt.
  };

  NodeId next_in_turn(NodeId last) const;
  void begin(NodeId id, Node& node);
  void failed(Node& node, IoError error);
  Task<void> connect(NodeId id, Endpoint endpoint, Instant not_before);
  Task<void> doubt(Instant when);
  Task<Result<LinkPtr>> attempt(Endpoint endpoint);

  Env& env_;
  const ConnectionOptions& options_;
  Signal& news_;
  Random random_;
  std::map<NodeId, Node> nodes_;
  TaskGroup tasks_;
};

}  // namespace trialog::client
