#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "core/client/connection_pool.h"
#include "core/log/log_directory.h"
#include "core/records/batch.h"
#include "core/replication/replica.h"

namespace trialog::replication {

class ReplicaHost;

/// Repairs what a log directory finds damaged, from other replicas: as a client it fetches the
/// damaged offsets, which are committed and so the same everywhere, from the leader or from whoever
/// has them, and gives them to the log. Until then nobody is given any of them from here.
class Mender {
 public:
  /// Everything outlives it.
  Mender(Env& env, ReplicaHost& host, client::ConnectionPool& pool, NodeId self)
      : env_(env), host_(host), pool_(pool), self_(self) {}

  /// Goes on until destroyed.
  Task<void> run(log::LogDirectory& directory);

 private:
  using Batches = std::vector<records::Batch>;

  /// Whether all damage that there was is repaired.
  Task<bool> mend_all(log::LogDirectory& directory);
  Task<bool> mend(std::shared_ptr<Replica> replica, log::DamagedRange range);
  std::vector<NodeId> sources(const Replica& replica) const;
  Task<Result<Batches>> fetch(NodeId from, std::shared_ptr<Replica> replica,
                              log::DamagedRange range);
  Task<Result<Bytes>> fetch_at(NodeId from, std::shared_ptr<Replica> replica, Offset at);

  Env& env_;
  ReplicaHost& host_;
  client::ConnectionPool& pool_;
  NodeId self_;
};

}  // namespace trialog::replication
