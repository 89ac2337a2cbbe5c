#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "core/base/ids.h"

namespace trialog::records {
class Batch;
}

namespace trialog::log {

/// What the log wants to know of a batch that lies in a file, without its records.
struct BatchHeader {
  std::uint64_t position = 0;  // In the segment's file.
  std::uint64_t size = 0;      // With the header.
  Offset base;
  Offset end;
  Epoch leader_epoch;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int64_t max_timestamp = -1;
  ProducerId producer_id = no_producer;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;

  static BatchHeader of(const records::Batch& batch, std::uint64_t position);
  /// Reads the header at the front of `bytes`, which holds at least a whole header; else says what
  /// is wrong with it. `room` is how many bytes the file has from there on.
  static std::expected<BatchHeader, std::string> parse(std::span<const std::byte> bytes,
                                                       std::uint64_t position, std::uint64_t room);

  bool is_transactional() const { return (attributes & 16) != 0; }
  bool is_control() const { return (attributes & 32) != 0; }
  /// Wraps from 2147483647 to 0; -1 if there is no sequence.
  std::int32_t last_sequence() const;
};

}  // namespace trialog::log
