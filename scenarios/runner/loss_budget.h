#pragma once

#include <map>
#include <memory>
#include <set>

#include "core/base/topic.h"
#include "core/metadata/image.h"

namespace trialog::scenarios {

/// Keeps account of who may have lost what, where records count as kept before they are synced
/// (durability=page-cache). A partition bears the loss as long as one member of its in-sync set has
/// not lost power since it last had everything; beyond that nothing is promised for it.
class LossBudget {
 public:
  using ImagePtr = std::shared_ptr<const metadata::Image>;

  /// The power of `node` failed, when this was the newest image. Gives the partitions for which
  /// that was too much.
  std::set<TopicPartition> lost_power(NodeId node, const ImagePtr& image);
  /// Whether it may lose power without breaking a promise.
  bool may_lose_power(NodeId node, const ImagePtr& image) const;
  /// A new image: whoever is back in every in-sync set has everything again.
  void saw(const metadata::Image& image);

  const std::set<TopicPartition>& beyond() const { return beyond_; }

 private:
  std::set<TopicPartition> too_much(NodeId node, const ImagePtr& image) const;

  /// Those that lost power, with the broker epoch that they had.
  std::map<NodeId, std::int64_t> lost_;
  std::set<TopicPartition> beyond_;
};

}  // namespace trialog::scenarios
