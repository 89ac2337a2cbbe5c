#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/error_code.h"
#include "core/base/time.h"
#include "core/records/batch.h"

namespace trialog::records {

/// What a topic's settings and the time ask of a client's batch. Kafka's names and defaults.
struct Rules {
  std::int64_t max_message_bytes = 1'048'588;
  std::int64_t segment_bytes = 1ll << 30;
  /// compression.type: nothing for "producer", which keeps what the client chose.
  std::optional<Codec> codec;
  /// compression.<codec>.level, for that codec.
  std::optional<int> level;
  /// message.timestamp.type is LogAppendTime.
  bool append_time = false;
  std::int64_t timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t timestamp_after_max_ms = 3'600'000;
  /// cleanup.policy holds "compact": records need a key.
  bool compacted = false;
  /// Produce before version 7 must not carry zstd (KIP-110).
  bool allow_zstd = true;
  /// How much the records of one batch may come to without compression. Kafka has no such bound;
  /// without one, a megabyte of zstd is many gigabytes of zeros. Below 2^31.
  std::size_t max_uncompressed = 64u << 20;
  WallTime now;
};

/// A record that is the reason of a refusal (KIP-467).
struct RecordError {
  /// Its position in the batch.
  std::int32_t index = 0;
  std::string message;
};

/// Why a batch is not appended. Nothing of it is.
struct Refusal {
  ErrorCode error = ErrorCode::none;
  std::string message;
  /// The first hundred; empty if the batch as a whole is wrong.
  std::vector<RecordError> records;
};

/// What the leader makes of the records of one partition in a Produce request: exactly one batch,
/// checked from its CRC to its last record. Gives the batch that is to be appended, not yet placed.
/// As long as the topic does not ask for another codec it is the same memory, of which at most
/// timestamp type, largest timestamp and CRC are changed, in place: nobody else may read it yet.
/// The order of the checks is Kafka's. (KIP-98, KIP-32, KIP-467.)
std::expected<Batch, Refusal> validate(Bytes records, const Rules& rules);

}  // namespace trialog::records
