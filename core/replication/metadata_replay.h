#pragma once

#include "core/env/env.h"
#include "core/log/partition_log.h"
#include "core/metadata/controller.h"

namespace trialog::replication {

/// Applies everything in the log to a fresh controller, record by record. Also reads what Kafka
/// wrote: types of records that we have no use for are passed over, and a note tells how many.
/// `corrupt` if the log does not begin at 0 (what was before is in a snapshot), or if it holds what
/// cannot be; the controller is then of no use.
Task<Status> replay(Env& env, log::PartitionLog& log, metadata::Controller& controller);

/// The part of it that does not wait: one batch, which must follow what was applied before.
/// `passed_over` counts the records that said nothing to us.
Status replay_batch(const records::Batch& batch, metadata::Controller& controller,
                    std::int64_t& passed_over);

}  // namespace trialog::replication
