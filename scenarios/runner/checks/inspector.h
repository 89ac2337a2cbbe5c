#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/runner/checks/in_sync.h"
#include "scenarios/runner/checks/leaders.h"
#include "scenarios/runner/checks/prefix.h"
#include "scenarios/runner/checks/sequences.h"
#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"
#include "scenarios/runner/checks/watermarks.h"

namespace trialog::scenarios {

/// Looks into nodes after each of their steps and judges what no client can see, by the checkers
/// beside it. Costs as much as has changed.
class Inspector {
 public:
  /// `node` may have changed.
  void look(NodeView& node);
  /// What is promised for a partition is over: more was lost than it can bear.
  void excuse(const TopicPartition& partition) { prefix_.excuse(partition); }
  /// An election may bring a leader that lacks something, there or everywhere.
  void permit_unclean(const TopicPartition& partition) { permitted_.insert(partition); }
  void permit_unclean() { all_permitted_ = true; }
  /// Where that has happened, and nothing is promised any more. Elsewhere a leader that the cluster
  /// takes for unclean, such as the last known one after all lost power at once, is judged as any.
  std::set<TopicPartition> unclean() const;
  const InSyncRules::ImagePtr& image() const { return in_sync_.newest(); }

  /// How the leadership of a partition went, as the metadata shows it.
  struct Reign {
    NodeId leader;
    Epoch epoch;
  };
  const std::map<TopicPartition, std::vector<Reign>>& reigns() const { return reigns_; }

  /// What was found since the last call; the same thing at most a few times.
  Violations take();

 private:
  /// How far a replica's log has been told to the checkers, in one life of its node.
  struct Told {
    std::int64_t life = 0;
    Offset end;
    Epoch led = no_epoch;
    std::deque<BatchView> uncommitted;
  };
  void replica(NodeView& node, const ReplicaView& replica);
  void appended(NodeView& node, const ReplicaView& replica, Told& told);
  void committed(NodeView& node, const ReplicaView& replica, Told& told);
  void quorum(NodeView& node);
  void image(NodeView& node);
  void reign(const metadata::Image& image);

  CommittedPrefix prefix_;
  Sequences sequences_;
  OneLeader leaders_;
  RisingMarks marks_;
  InSyncRules in_sync_;
  std::set<TopicPartition> permitted_;
  bool all_permitted_ = false;
  std::map<std::pair<NodeId, TopicPartition>, Told> told_;
  std::map<TopicPartition, std::vector<Reign>> reigns_;
  std::map<std::string, int> count_;
};

/// The names of what the inspector finds.
std::vector<std::string> inside_properties();

}  // namespace trialog::scenarios
