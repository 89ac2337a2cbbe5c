#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/records/batch.h"
#include "core/records/build.h"

namespace trialog::records {

/// What a record in a control batch says; such records take an offset and are never handed to
/// applications (KIP-98, KIP-595, KIP-630, KIP-853).
enum class ControlType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

/// The key of a control record.
struct ControlKey {
  std::int16_t version = 0;
  /// A type that we do not know is not an error: its record is to be passed over.
  std::int16_t type = 0;
  std::optional<ControlType> known() const;
};

/// Later versions may append fields, which are ignored. `corrupt` if it is null, shorter than four
/// bytes, or has a negative version.
Result<ControlKey> parse_control_key(const MaybeBytes& key);
std::vector<std::byte> control_key(ControlType type);

/// A batch of one control record. `options.control` need not be set.
Batch control_batch(BatchOptions options, WallTime timestamp, ControlType type,
                    std::span<const std::byte> value);

/// The end of a producer's transaction in one partition.
struct TransactionMarker {
  bool commit = false;
  std::int32_t coordinator_epoch = 0;
  friend bool operator==(const TransactionMarker&, const TransactionMarker&) = default;
};

/// What the batch, which must be a control batch, says about its producer's transaction; nothing if
/// it is a control batch of another kind.
Result<std::optional<TransactionMarker>> parse_transaction_marker(const Batch& batch);
Batch transaction_marker(ProducerId producer, std::int16_t producer_epoch, WallTime timestamp,
                         TransactionMarker marker);

}  // namespace trialog::records
