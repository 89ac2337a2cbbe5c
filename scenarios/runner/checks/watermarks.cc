#include "scenarios/runner/checks/watermarks.h"

#include <fmt/format.h>

namespace trialog::scenarios {

void RisingMarks::saw(NodeId node, std::int64_t life, const ReplicaView& replica, bool may_fall) {
  auto& marks = marks_[{node, replica.partition}];
  const auto fell = [&](const char* anomaly, const char* what, Offset from, Offset to) {
    if (marks.life != life || may_fall || to >= from) return;
    found_.push_back(
        {anomaly, fmt::format("{} of node {}: the {} fell from {} to {}", replica.partition.text(),
                              node.value, what, from.value, to.value)});
  };
  fell("watermark-fell", "high watermark", marks.high_watermark, replica.high_watermark);
  fell("log-start-fell", "log start", marks.start, replica.start);
  if (replica.high_watermark > replica.log_end && !may_fall) {
    found_.push_back({"watermark-beyond-log",
                      fmt::format("{} of node {}: the high watermark is {}, the log ends at {}",
                                  replica.partition.text(), node.value,
                                  replica.high_watermark.value, replica.log_end.value)});
  }
  marks = {life, replica.start, replica.high_watermark};
}

}  // namespace trialog::scenarios
