#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/quorum/messages.h"

namespace trialog::replication {

/// What a snapshot of the metadata log holds (KIP-630): everything before its id's `end`.
struct SnapshotContents {
  WallTime last_contained;                 // When the last record in it was written.
  std::optional<quorum::VoterSet> voters;  // If the log has ever named them (KIP-853).
  std::vector<Bytes> values;               // Of the records.
};

/// "00000000000000000042-0000000007.checkpoint", and back; nothing for other names.
std::string snapshot_name(const quorum::SnapshotId& id);
std::optional<quorum::SnapshotId> snapshot_in_name(std::string_view name);

/// The file: batches of control records at both ends, the records between them.
Bytes render_snapshot(const quorum::SnapshotId& id, const SnapshotContents& contents);
/// Believes nothing: `corrupt` if any batch is damaged, or if the header or the footer is missing,
/// as in a file that was cut short.
Result<SnapshotContents> parse_snapshot(const Bytes& bytes);

}  // namespace trialog::replication
