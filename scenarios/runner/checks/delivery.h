#pragma once

#include "scenarios/runner/checks/violation.h"
#include "scenarios/runner/history.h"

namespace trialog::scenarios {

/// What the settings of a run promise, so that only what was promised is judged.
struct Promises {
  /// Acknowledged records survive every crash (durability fsync, or no power loss).
  bool acknowledged_kept = true;
};

/// The delivery properties, from the history alone, named as in Jepsen's Kafka workload:
/// lost-write, duplicate, inconsistent-offsets, phantom, aborted-read, nonmonotonic-send,
/// poll-skip, nonmonotonic-poll, offset-mismatch. A final read must be in the history.
Violations check_delivery(const History& history, const Promises& promises);

/// The names of the properties above, in the order in which they are checked.
std::vector<std::string> delivery_properties();

}  // namespace trialog::scenarios
