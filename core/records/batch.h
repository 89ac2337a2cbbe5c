#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace trialog::records {

enum class Codec : std::int8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

/// Where a batch's fields lie (Kafka's record batch, magic 2).
inline constexpr std::size_t header_size = 61;
/// Base offset and length, which the length itself does not count.
inline constexpr std::size_t length_prefix = 12;

/// "gzip", as topics' compression.type names it.
std::string_view codec_name(Codec codec);

/// The bytes of one Kafka v2 record batch: header read and checked, records untouched. Cheap to
/// copy: the bytes are shared. (KIP-98.)
///
/// Always true: base() >= 0, last_offset_delta() >= 0, 0 <= count() <= last_offset_delta() + 1, and
/// end() does not overflow. A batch that compaction has emptied has no records but keeps its
/// offsets.
class Batch {
 public:
  /// How many bytes the batch at the front of `bytes` takes, header included; nothing if fewer than
  /// 12 bytes are there. Says nothing about whether it is valid; may be negative or absurd.
  static std::optional<std::int64_t> size_at(std::span<const std::byte> bytes);
  /// Checks length, magic, header fields and CRC; `bytes` must be exactly one batch. Fails with
  /// `corrupt`, saying what was found and what would have been right.
  static Result<Batch> parse(Bytes bytes);
  /// For bytes that were checked before, such as those of our own log after recovery: all that
  /// `parse` checks but the CRC.
  static Result<Batch> trusted(Bytes bytes);

  Offset base() const { return base_; }
  Offset end() const { return base_ + (std::int64_t{last_offset_delta_} + 1); }
  Epoch leader_epoch() const { return leader_epoch_; }
  std::int32_t count() const { return count_; }
  std::int32_t last_offset_delta() const { return last_offset_delta_; }
  std::int16_t attributes() const { return attributes_; }
  std::uint32_t crc() const { return crc_; }
  /// Nothing if the attributes name a codec that does not exist.
  std::optional<Codec> codec() const;
  bool is_append_time() const { return (attributes_ & 8) != 0; }
  bool is_transactional() const { return (attributes_ & 16) != 0; }
  bool is_control() const { return (attributes_ & 32) != 0; }
  bool has_delete_horizon() const { return (attributes_ & 64) != 0; }
  /// What the records' timestamp deltas count from.
  std::int64_t base_timestamp() const { return base_timestamp_; }
  WallTime max_timestamp() const { return wall_time(max_timestamp_); }
  ProducerId producer_id() const { return producer_id_; }
  std::int16_t producer_epoch() const { return producer_epoch_; }
  std::int32_t base_sequence() const { return base_sequence_; }
  /// Wraps from 2147483647 to 0; -1 if there is no sequence.
  std::int32_t last_sequence() const;
  const Bytes& bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  /// The records as they stand in the batch, compressed or not.
  std::span<const std::byte> payload() const { return bytes_.view().subspan(header_size); }

  /// Writes base offset and leader epoch into the bytes: neither is under the CRC. Only for a batch
  /// that has just been received or built and whose bytes nobody else reads yet.
  void place(Offset base, Epoch leader_epoch);
  /// Sets timestamp type and largest timestamp, and the CRC that this needs. The records stay as
  /// they are, compressed or not. On the same condition as `place`.
  void stamp(bool append_time, std::int64_t max_timestamp);
  /// Whether the CRC in the header is that of the bytes.
  bool crc_matches() const;

 private:
  Batch() = default;
  static Result<Batch> read(Bytes bytes, bool check_crc);

  Bytes bytes_;
  Offset base_;
  Epoch leader_epoch_;
  std::uint32_t crc_ = 0;
  std::int16_t attributes_ = 0;
  std::int16_t producer_epoch_ = -1;
  std::int32_t last_offset_delta_ = 0;
  std::int32_t base_sequence_ = -1;
  std::int32_t count_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::int64_t max_timestamp_ = 0;
  ProducerId producer_id_;
};

}  // namespace trialog::records
