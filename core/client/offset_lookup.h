#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/client/consumer.h"
#include "core/client/metadata.h"

namespace trialog::client {

/// What ListOffsets takes in place of a time.
namespace listed {
inline constexpr std::int64_t latest = -1;
inline constexpr std::int64_t earliest = -2;
}  // namespace listed

struct OffsetQuery {
  TopicPartition partition;
  std::int64_t time = listed::latest;
};

struct OffsetFinding {
  ErrorCode error = ErrorCode::none;
  /// -1 if there is no record at or after the time.
  OffsetAndTime found{Offset(-1), WallTime()};
};
using OffsetFindings = std::map<TopicPartition, OffsetFinding>;

/// Asks the broker behind `link`, which should lead these partitions, once. Partitions without an
/// answer have no finding.
Task<Result<OffsetFindings>> ask_offsets(Cluster& cluster, std::shared_ptr<Link> link,
                                         std::vector<OffsetQuery> queries, Isolation isolation);

/// Finds the leaders and asks them until every partition has an answer, or until the deadline.
Task<Answer<std::map<TopicPartition, OffsetAndTime>>> look_up_offsets(
    Cluster& cluster, std::vector<OffsetQuery> queries, Isolation isolation, Instant deadline);

}  // namespace trialog::client
