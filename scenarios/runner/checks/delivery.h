#pragma once

#include <set>

#include "scenarios/runner/checks/violation.h"
#include "scenarios/runner/history.h"

namespace trialog::scenarios {

/// What the settings of a run promise, so that only what was promised is judged.
struct Promises {
  /// What one replica alone acknowledged (acks=1) survives, too: there is but one.
  bool leader_alone_keeps = true;
  /// Here acknowledged records may be gone: more was lost than can be borne, or an election was
  /// unclean.
  std::set<TopicPartition> excused;
};

/// The delivery properties, from the history alone, named as in Jepsen's Kafka workload:
/// lost-write, duplicate, inconsistent-offsets, phantom, aborted-read, nonmonotonic-send,
/// poll-skip, nonmonotonic-poll, offset-mismatch. A final read must be in the history.
Violations check_delivery(const History& history, const Promises& promises);

/// The names of the properties above, in the order in which they are checked.
std::vector<std::string> delivery_properties();

}  // namespace trialog::scenarios
