#pragma once

#include "core/base/error_code.h"

namespace trialog::client {

/// Whether a batch may be in the log although the broker answered with `error`. Only what a broker
/// refuses before it appends is surely not: a partition that went away while the broker waited for
/// its followers, for one, may have kept it (KAFKA-13574).
bool may_be_written(ErrorCode error);

/// The broker does not have what should precede the batch, or nothing of its producer (KIP-360).
bool is_sequence_gap(ErrorCode error);

}  // namespace trialog::client
