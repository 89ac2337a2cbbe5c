#pragma once

#include <map>
#include <set>
#include <utility>

#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// What is committed stays, and is the same on every replica (SEMANTICS 19: I1, I2), and a leader
/// epoch with an offset names one batch in the whole history of a partition (I3).
///
/// Told of batches as replicas append them and as their high watermarks pass them, each replica in
/// the order of its log.
class CommittedPrefix {
 public:
  /// A replica has this batch; nothing is known of its being committed.
  void appended(NodeId node, const TopicPartition& partition, const BatchView& batch);
  /// It lies below the high watermark of a replica that knows of leader `epoch`.
  void committed(NodeId node, const TopicPartition& partition, Epoch epoch, const BatchView& batch);
  /// A leader begins whose log ends there. It must have all that is ever committed in an earlier
  /// epoch; what happens in later ones it may never hear of.
  void elected(NodeId node, const TopicPartition& partition, Epoch epoch, Offset end);
  /// What it promises is over for this partition: an unclean election, or more lost than allowed.
  void excuse(const TopicPartition& partition) { excused_.insert(partition); }
  bool excused(const TopicPartition& partition) const { return excused_.contains(partition); }
  /// Everything below is committed, as far as any replica has shown.
  Offset committed_end(const TopicPartition& partition) const;

  Violations take() { return std::exchange(found_, {}); }

 private:
  struct Log {
    std::map<Offset, BatchView> committed;  // By base.
    std::map<std::pair<Epoch, Offset>, BatchView> seen;
    std::map<Epoch, Offset> committed_in;  // How far, in each epoch.
    std::map<Epoch, std::pair<NodeId, Offset>> elected;
  };
  void extend(Log& log, const TopicPartition& partition, Epoch epoch, const BatchView& batch);
  void incomplete(const TopicPartition& partition, Epoch epoch, NodeId leader, Offset end,
                  Epoch committed_in, Offset committed);
  void differs(const char* anomaly, NodeId node, const TopicPartition& partition,
               const BatchView& batch, const BatchView& other);

  std::map<TopicPartition, Log> logs_;
  std::set<TopicPartition> excused_;
  Violations found_;
};

}  // namespace trialog::scenarios
