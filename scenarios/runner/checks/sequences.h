#pragma once

#include <map>
#include <utility>

#include "scenarios/runner/checks/view.h"
#include "scenarios/runner/checks/violation.h"

namespace trialog::scenarios {

/// In what is committed, the batches of one producer and epoch bear numbers that follow each other:
/// none is missing, none is there twice (SEMANTICS 19: I7). So it is judged what a broker may have
/// lost or doubled of batches that nobody was told of.
class Sequences {
 public:
  /// Told of each batch by whoever has it, in the order of the log.
  void committed(const TopicPartition& partition, const BatchView& batch);

  Violations take() { return std::exchange(found_, {}); }

 private:
  struct Log {
    Offset end;
    std::map<std::pair<ProducerId, std::int16_t>, std::int32_t> next;
  };

  std::map<TopicPartition, Log> logs_;
  Violations found_;
};

}  // namespace trialog::scenarios
