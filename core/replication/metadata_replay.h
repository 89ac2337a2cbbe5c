#pragma once

#include <cstdint>
#include <vector>

#include "core/log/partition_log.h"
#include "core/metadata/image.h"
#include "core/records/batch.h"

namespace trialog::replication {

/// Whole batches of the metadata log from `from`, below `end`; at least one. `corrupt` for what is
/// no batch.
Task<Result<std::vector<records::Batch>>> read_batches(log::PartitionLog& log, Offset from,
                                                       Offset end);

/// Applies one batch, which must follow what was applied before. Records of types that we have no
/// use for are counted in `passed_over`. `corrupt`, naming the offset, if it holds what cannot be;
/// the image is then of no use.
Status apply_batch(const records::Batch& batch, metadata::Image& image, std::int64_t& passed_over);

/// What the values of a snapshot that ends at `end` make of an empty image.
Result<metadata::Image> image_of(const std::vector<Bytes>& values, Offset end,
                                 std::int64_t& passed_over);

}  // namespace trialog::replication
