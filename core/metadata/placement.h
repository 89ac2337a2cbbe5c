#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/metadata/image.h"
#include "core/metadata/partition_index.h"

namespace trialog::metadata {

/// Where the replicas of one new partition go, the leader first.
using Replicas = std::vector<NodeId>;

/// Chooses brokers for `count` partitions of `factor` replicas each, over as many racks as there
/// are, and each partition's leader is one that takes part. Kafka's text if that can't be done.
std::expected<std::vector<Replicas>, std::string> place(const Image& image, std::int32_t count,
                                                        std::int32_t factor, Random& random);

/// Kafka's text for why `replicas` can't be what somebody assigned by hand, or empty. All
/// partitions of a topic have `factor` replicas, if that is known (not 0).
std::string assignment_problem(const Image& image, const std::vector<std::int32_t>& replicas,
                               std::size_t factor);

/// Kafka's text for a partition none of whose replicas is `active`.
std::string all_fenced_text(std::int32_t partition);

/// Those of `replicas` that are neither fenced nor about to go.
Replicas active(const Image& image, const Replicas& replicas);

/// Whether the directory that the broker keeps the partition in is one that it has; true if it is
/// not known or the broker has told of none.
bool has_directory(const Broker& broker, const Partition& partition);

/// How many replicas each directory of each broker has. A new one goes to the emptiest: chosen here
/// and written down, because a broker that comes back without that directory must not begin an
/// empty log in another. Image and index must outlive it and stay as they are.
class DirectoryLoad {
 public:
  DirectoryLoad(const Image& image, const PartitionIndex& index) : image_(image), index_(index) {}
  /// The directory for one more replica on the broker; zero if it has told of none.
  Uuid next(NodeId broker);

 private:
  const Image& image_;
  const PartitionIndex& index_;
  std::map<std::pair<NodeId, Uuid>, std::int64_t> more_;  // What `next` has chosen.
};

/// A new partition that is led by the first active one of its replicas. There must be one.
protocol::PartitionRecord new_partition(const Image& image, const Uuid& topic, std::int32_t index,
                                        const Replicas& replicas, DirectoryLoad& load);

}  // namespace trialog::metadata
