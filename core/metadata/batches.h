#pragma once

#include <cstddef>
#include <vector>

#include "core/metadata/records.h"

namespace trialog::metadata {

/// What one batch of the metadata log may hold: Kafka's limits.
inline constexpr std::size_t max_records_per_batch = 10'000;
inline constexpr std::size_t max_batch_bytes = 8 << 20;

/// Whether the records don't fit one batch, by a generous estimate of their sizes.
bool needs_transaction(const std::vector<Record>& records);
/// Puts BeginTransactionRecord and EndTransactionRecord around what does not fit one batch
/// (KIP-868): then it may be cut anywhere, and still counts whole or not at all.
void bracket(std::vector<Record>& records);

/// Where to cut values into batches within the limits: the end of each, at least one if there are
/// values. What fits one batch stays one.
std::vector<std::size_t> batch_ends(const std::vector<Bytes>& values);

}  // namespace trialog::metadata
