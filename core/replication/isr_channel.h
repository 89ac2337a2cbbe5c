#pragma once

#include "core/base/result.h"
#include "core/env/task.h"
#include "core/protocol/messages/alter_partition.h"

namespace trialog::replication {

/// The way to the active controller for those who lead partitions. An answer that is lost, or comes
/// from a controller that no longer is one, is given as it is; whoever asks tries again.
class IsrChannel {
 public:
  virtual ~IsrChannel() = default;
  virtual Task<Result<protocol::AlterPartitionResponse>> alter_partition(
      protocol::AlterPartitionRequest request) = 0;
};

}  // namespace trialog::replication
