#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/base/topic.h"
#include "core/metadata/image.h"

namespace trialog::scenarios {

/// Keeps account of who may have lost what, where records count as kept before they are synced
/// (durability=page-cache). To the cluster everybody that did not stop in peace is alike, be it
/// killed or without power. So a partition bears losses of power as long as one of those that may
/// lead it has not ended that way since it last had everything; beyond that nothing is promised.
class LossBudget {
 public:
  using ImagePtr = std::shared_ptr<const metadata::Image>;
  enum class End { killed, power_lost };

  /// `node` ended when this was the newest image. Gives the partitions that bear it no more.
  std::set<TopicPartition> ended(NodeId node, End how, const ImagePtr& image);
  /// Whether it may end so without breaking a promise.
  bool may_end(NodeId node, End how, const ImagePtr& image) const;
  /// A new image: whoever is back in every in-sync set has everything again. Gives the partitions
  /// that nobody can be trusted to have any more, as it shows.
  std::set<TopicPartition> saw(const metadata::Image& image);

  const std::set<TopicPartition>& beyond() const { return beyond_; }

 private:
  struct Ended {
    End how;
    std::int64_t broker_epoch;  // That it had.
  };
  using Ends = std::map<NodeId, Ended>;
  /// The partitions, of one node if it is given, of which everybody who may lead has ended, and one
  /// without power.
  std::set<TopicPartition> spent(const Ends& ends, const metadata::Image& image,
                                 std::optional<NodeId> of) const;
  /// Those who have everything that was committed, if they have kept it: who is in sync, and while
  /// those are fewer than `min.insync.replicas`, who was. What the cluster takes for eligible may
  /// be wrong, so it counts only where we have not been told of each step.
  std::set<NodeId> holders(const TopicPartition& name, const metadata::Partition& partition) const;
  void hold(const metadata::Image& image);
  /// `ended_` when this has happened, too.
  Ends after(NodeId node, End how, const ImagePtr& image) const;

  Ends ended_;
  struct Held {
    std::int32_t partition_epoch = -1;
    std::set<NodeId> nodes;
  };
  std::map<TopicPartition, Held> holders_;
  std::set<TopicPartition> beyond_;
};

}  // namespace trialog::scenarios
