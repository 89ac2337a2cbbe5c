#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/schema.h"

namespace trialog::protocol {

/// The producers of a partition, as a log's .snapshot files hold them.
struct ProducerSnapshot {
  using Self = ProducerSnapshot;
  static constexpr Api api{.valid = "1"};

  struct ProducerEntry {
    using Self = ProducerEntry;
    std::int64_t producer_id = 0;
    std::int16_t epoch = 0;
    std::int32_t last_sequence = 0;
    std::int64_t last_offset = 0;
    std::int32_t offset_delta = 0;
    std::int64_t timestamp = 0;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_first_offset = 0;

    static constexpr auto wire = fields(
        field<&Self::producer_id>("ProducerId", "1+"),
        field<&Self::epoch>("Epoch", "1+"),
        field<&Self::last_sequence>("LastSequence", "1+"),
        field<&Self::last_offset>("LastOffset", "1+"),
        field<&Self::offset_delta>("OffsetDelta", "1+"),
        field<&Self::timestamp>("Timestamp", "1+"),
        field<&Self::coordinator_epoch>("CoordinatorEpoch", "1+"),
        field<&Self::current_txn_first_offset>("CurrentTxnFirstOffset", "1+"));
  };

  std::uint32_t crc = 0;
  std::vector<ProducerEntry> producer_entries;

  static constexpr auto wire = fields(
      field<&Self::crc>("Crc", "1+"),
      field<&Self::producer_entries>("ProducerEntries", "1+"));
};

}  // namespace trialog::protocol
