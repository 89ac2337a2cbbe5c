#pragma once

#include <map>
#include <utility>

#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// High watermark and log start never fall as one observer sees them (SEMANTICS 19: I5), and nobody
/// takes for committed what it does not have. The observer is one process of a node: a restarted
/// one begins with what its checkpoint says.
class RisingMarks {
 public:
  /// `may_fall`: the partition has had an unclean election, or lost more than it promises to keep.
  void saw(NodeId node, std::int64_t life, const ReplicaView& replica, bool may_fall);

  Violations take() { return std::exchange(found_, {}); }

 private:
  struct Marks {
    std::int64_t life = 0;
    Offset start;
    Offset high_watermark;
  };
  std::map<std::pair<NodeId, TopicPartition>, Marks> marks_;
  Violations found_;
};

}  // namespace trialog::scenarios
