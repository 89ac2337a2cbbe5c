#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// What must hold in committed metadata at every offset where it is shown (SEMANTICS 19: I11): the
/// leader is in the in-sync set, that set is of replicas and of brokers that are unfenced, epochs
/// rise. Also notes when an election was unclean.
class InSyncRules {
 public:
  using ImagePtr = std::shared_ptr<const metadata::Image>;

  void saw(const ImagePtr& image);
  /// The image with the largest end that was shown by anybody; null before the first.
  const ImagePtr& newest() const { return newest_; }
  /// Partitions of which a replica outside of the in-sync set was made leader, so far.
  const std::set<TopicPartition>& unclean() const { return unclean_; }

  Violations take() { return std::exchange(found_, {}); }

 private:
  void topic(const metadata::Image& image, const metadata::Topic& topic);
  void partition(const metadata::Image& image, const TopicPartition& name,
                 const metadata::Partition& now);
  void follows(const TopicPartition& name, const metadata::Partition& before,
               const metadata::Partition& now);
  void report(const TopicPartition& name, std::string text);

  ImagePtr newest_;
  std::set<TopicPartition> unclean_;
  Violations found_;
};

}  // namespace trialog::scenarios
