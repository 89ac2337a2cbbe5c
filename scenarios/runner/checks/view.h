#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/base/topic.h"
#include "core/metadata/image.h"

namespace trialog::scenarios {

/// What the inside checks see of one batch: where it lies, and a number that stands for what it
/// holds. The stamps of the leader are no part of that number.
struct BatchView {
  Offset base;
  Offset end;
  Epoch epoch;
  std::uint64_t digest = 0;
  ProducerId producer = no_producer;
  std::int16_t producer_epoch = -1;
  std::int32_t first_sequence = -1;
  friend bool operator==(const BatchView&, const BatchView&) = default;
};

/// One replica of one partition at one moment, as its node has it. The metadata log is one, too.
struct ReplicaView {
  TopicPartition partition;
  Offset start;
  Offset end;      // As far as its batches can be read on disk.
  Offset log_end;  // As far as it has them, be it in memory: at or behind `end`.
  Offset high_watermark;
  Epoch epoch = no_epoch;
  bool leads = false;             // It takes itself for the leader of `epoch`.
  Epoch newest_epoch = no_epoch;  // That its log knows where it began.
  friend bool operator==(const ReplicaView&, const ReplicaView&) = default;
};

/// A member of the quorum at one moment.
struct QuorumView {
  Epoch epoch = no_epoch;
  NodeId leader{-1};                // As far as it knows.
  std::optional<NodeId> voted_for;  // In `epoch`.
};

/// One running node. What it returns is good until the node goes on.
class NodeView {
 public:
  virtual ~NodeView() = default;
  virtual NodeId id() const = 0;
  /// Counts the starts of its process.
  virtual std::int64_t life() const = 0;
  /// Those that changed since the last look.
  virtual const std::vector<ReplicaView>& changed_replicas() = 0;
  /// The batches of a replica from the one that holds `from`, up to `end`, in order. Stops early at
  /// a damaged one.
  virtual std::vector<BatchView> batches(const TopicPartition& partition, Offset from,
                                         Offset end) = 0;
  virtual QuorumView quorum() = 0;
  virtual std::shared_ptr<const metadata::Image> image() = 0;
};

}  // namespace trialog::scenarios
