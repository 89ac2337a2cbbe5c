#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace trialog::log {

/// When a record counts as kept: once it is in the page cache, as Kafka does, or once a sync covers
/// it.
enum class Durability { page_cache, fsync };

/// What a topic's settings say about its logs. Kafka's names and defaults; -1 is "no limit" where
/// Kafka allows it.
struct Options {
  std::int64_t segment_bytes = 1ll << 30;
  std::int64_t segment_ms = 604'800'000;
  std::int64_t segment_index_bytes = 10ll << 20;
  std::int64_t index_interval_bytes = 4096;
  std::int64_t retention_ms = 604'800'000;
  std::int64_t retention_bytes = -1;
  std::int64_t file_delete_delay_ms = 60'000;
  std::int64_t producer_id_expiration_ms = 86'400'000;
  bool deletes = true;  // cleanup.policy holds "delete".
  Durability durability = Durability::fsync;
  /// How many bytes of the newest batches are kept in memory for readers.
  std::int64_t cache_bytes = 4ll << 20;
};

}  // namespace trialog::log
