#pragma once

#include <deque>
#include <memory>

#include "core/env/env.h"
#include "core/partition/replica.h"
#include "core/replication/isr_channel.h"

namespace trialog::replication {

class Replica;

/// Carries the in-sync sets that our leaders propose to the controller, and the answers back: one
/// request at a time, with everything that has come together meanwhile.
class IsrProposals {
 public:
  /// `env` and `channel` outlive it.
  IsrProposals(Env& env, IsrChannel& channel, NodeId self);

  /// Nothing is sent before we have a broker epoch.
  void registered(std::int64_t broker_epoch);
  void propose(std::shared_ptr<Replica> replica, partition::Proposal proposal);

 private:
  struct Asked {
    std::shared_ptr<Replica> replica;
    partition::Proposal proposal;
  };

  Task<void> run();
  protocol::AlterPartitionRequest request(const std::deque<Asked>& asked) const;
  /// True if the controller has decided about at least one of them.
  bool hand_back(const std::deque<Asked>& asked,
                 const Result<protocol::AlterPartitionResponse>& response);

  Env& env_;
  IsrChannel& channel_;
  NodeId self_;
  Random random_;
  std::int64_t broker_epoch_ = -1;
  std::deque<Asked> asked_;
  Signal came_;
  TaskGroup tasks_;
};

}  // namespace trialog::replication
