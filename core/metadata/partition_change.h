#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/metadata/image.h"

namespace trialog::metadata {

/// How far an election may go.
enum class Election {
  preferred,  // The first replica, if it can lead without loss; else as `online`.
  online,     // The leader stays if it can; else any replica that can lead without loss.
  unclean,    // As `online`, and if there is none, any replica that is there: loss is allowed.
};

/// What one partition shall become, and the rules that hold for it. Whatever is not given stays.
struct PartitionAim {
  std::optional<std::vector<NodeId>> isr;
  std::optional<std::vector<NodeId>> replicas;
  std::optional<std::vector<NodeId>> adding;
  std::optional<std::vector<NodeId>> removing;
  std::optional<bool> recovering;
  /// Replicas that may have lost the end of their logs: neither in sync nor eligible any more.
  std::vector<NodeId> unclean;
  Election election = Election::online;
  /// Whether a replica is there to lead: registered, heard from, not about to go.
  std::function<bool(NodeId)> available;
  /// min.insync.replicas.
  std::size_t min_isr = 1;
  /// Eligible leader replicas are kept (KIP-966).
  bool keeps_eligible = true;
  /// The directory for a replica that is new.
  std::function<Uuid(NodeId)> directory;
};

/// The record that brings the partition to its aim, or nothing if it is there. All changes of
/// leaders, in-sync sets and assignments are decided here, in Kafka's order: a reassignment whose
/// target is in sync is completed; the eligible replicas follow from the in-sync set; a leader is
/// elected from what that left.
///
/// The leader of the result is in its in-sync set, or there is none. The in-sync set is empty only
/// where eligible replicas are kept; else its last member stays in it without leading, since no
/// other has all records. While the set is smaller than min.insync.replicas its former members stay
/// eligible: nothing is committed without them, so each has all that is. If no replica is eligible
/// any more, the last one that led may lead again, as an unclean election.
std::optional<protocol::PartitionChangeRecord> change_partition(const Uuid& topic,
                                                                std::int32_t index,
                                                                const Partition& partition,
                                                                const PartitionAim& aim);

}  // namespace trialog::metadata
