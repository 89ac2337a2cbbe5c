#pragma once

#include <map>
#include <utility>

#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// One leader for each epoch of a partition, one for each epoch of the quorum, and one vote of each
/// node in each epoch of the quorum (SEMANTICS 19: I4).
class OneLeader {
 public:
  /// A replica takes itself for the leader, or the metadata says that this node is it.
  void leads(const TopicPartition& partition, Epoch epoch, NodeId leader);
  /// A leader notes where its epoch begins before anything else, also if it never writes anything:
  /// how else could it tell a follower where the epoch before it ended (SEMANTICS 4.1).
  void began(NodeId node, const ReplicaView& replica);
  /// Whoever is known to lead an epoch of the quorum, to itself or to another.
  void quorum_leads(Epoch epoch, NodeId leader);
  void voted(NodeId node, Epoch epoch, NodeId candidate);

  Violations take() { return std::exchange(found_, {}); }

 private:
  std::map<std::pair<TopicPartition, Epoch>, NodeId> leaders_;
  std::map<Epoch, NodeId> quorum_leaders_;
  std::map<std::pair<NodeId, Epoch>, NodeId> votes_;
  Violations found_;
};

}  // namespace trialog::scenarios
