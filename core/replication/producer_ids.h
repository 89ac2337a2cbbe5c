#pragma once

#include <expected>
#include <functional>

#include "core/replication/controller_channel.h"

namespace trialog::replication {

/// Gives out ids that no producer has had, from blocks that the controller hands to this broker.
class ProducerIds {
 public:
  /// `broker_epoch` is asked whenever a block is fetched. `channel` outlives it.
  ProducerIds(Env& env, ControllerChannel& channel, NodeId self,
              std::function<std::int64_t()> broker_epoch, Duration timeout);

  Task<std::expected<ProducerId, ErrorCode>> next();

 private:
  Task<void> fetch();

  Env& env_;
  ControllerChannel& channel_;
  NodeId self_;
  std::function<std::int64_t()> broker_epoch_;
  Duration timeout_;
  std::int64_t first_ = 0;
  std::int64_t left_ = 0;
  bool fetching_ = false;
  ErrorCode error_ = ErrorCode::none;  // Of the last fetch.
  Signal came_;
  TaskGroup tasks_;  // Last: its tasks use all of the above.
};

}  // namespace trialog::replication
