#include "core/records/batch.h"

#include <limits>
#include <string>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/base/cursor.h"

namespace trialog::records {
namespace {

constexpr std::size_t leader_epoch_at = 12, magic_at = 16, crc_at = 17, attributes_at = 21,
                      max_timestamp_at = 35;
constexpr std::int16_t append_time_bit = 8;

template <std::size_t Size>
void put(std::byte* at, std::uint64_t value) {
  for (std::size_t i = 0; i < Size; ++i) at[i] = std::byte(value >> (8 * (Size - 1 - i)) & 255);
}

std::unexpected<IoError> wrong(std::string what) {
  return failure(IoError::Kind::corrupt, "record batch: " + std::move(what));
}

/// The bytes of a batch that nobody else reads yet. They were never const: `Bytes` only says so.
std::byte* writable(const Bytes& bytes) { return const_cast<std::byte*>(bytes.data()); }

std::uint32_t checksum(const Bytes& bytes) { return crc32c(bytes.view().subspan(attributes_at)); }

Status check_frame(const Bytes& bytes) {
  if (bytes.size() > magic_at) {
    const auto magic = std::to_integer<int>(bytes.view()[magic_at]);
    if (magic < 2) {
      return wrong("message format " + std::to_string(magic) +
                   " is obsolete; only magic 2 is known");
    }
    if (magic > 2) return wrong("magic " + std::to_string(magic) + "; only magic 2 is known");
  }
  if (bytes.size() < header_size) {
    return wrong(std::to_string(bytes.size()) + " bytes; the header alone takes 61");
  }
  const auto size = *Batch::size_at(bytes.view());
  if (size == static_cast<std::int64_t>(bytes.size())) return {};
  return wrong("the length field means a batch of " + std::to_string(size) + " bytes, there are " +
               std::to_string(bytes.size()));
}

}  // namespace

std::string_view codec_name(Codec codec) {
  static constexpr std::string_view names[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  const auto index = static_cast<std::size_t>(codec);
  CHECK(index < std::size(names));
  return names[index];
}

std::optional<std::int64_t> Batch::size_at(std::span<const std::byte> bytes) {
  if (bytes.size() < length_prefix) return std::nullopt;
  Reader reader(bytes.subspan(length_prefix - 4, 4));
  return std::int64_t{reader.i32()} + static_cast<std::int64_t>(length_prefix);
}

Result<Batch> Batch::parse(Bytes bytes) { return read(std::move(bytes), true); }

Result<Batch> Batch::trusted(Bytes bytes) { return read(std::move(bytes), false); }

Result<Batch> Batch::read(Bytes bytes, bool check_crc) {
  if (auto framed = check_frame(bytes); !framed) return failure(std::move(framed).error());
  Batch batch;
  batch.bytes_ = std::move(bytes);
  Reader reader(batch.bytes_.view());
  batch.base_ = Offset(reader.i64());
  reader.i32();  // The length, checked before.
  batch.leader_epoch_ = Epoch(reader.i32());
  reader.i8();  // Magic, checked before.
  batch.crc_ = reader.u32();
  batch.attributes_ = reader.i16();
  batch.last_offset_delta_ = reader.i32();
  batch.base_timestamp_ = reader.i64();
  batch.max_timestamp_ = reader.i64();
  batch.producer_id_ = ProducerId(reader.i64());
  batch.producer_epoch_ = reader.i16();
  batch.base_sequence_ = reader.i32();
  batch.count_ = reader.i32();
  CHECK(reader.position() == header_size);
  // The CRC first: if it is wrong, so may be any field, and whoever reads the message should know.
  if (check_crc && !batch.crc_matches()) {
    return wrong("CRC-32C is " + std::to_string(checksum(batch.bytes_)) + ", the header says " +
                 std::to_string(batch.crc_));
  }
  const auto delta = batch.last_offset_delta_;
  if (delta < 0) return wrong("last offset delta " + std::to_string(delta) + " is negative");
  if (batch.base_.value < 0 ||
      batch.base_.value >= std::numeric_limits<std::int64_t>::max() - delta) {
    return wrong("base offset " + std::to_string(batch.base_.value) + " is out of range");
  }
  if (batch.count_ < 0 || batch.count_ - 1 > delta) {
    return wrong("record count " + std::to_string(batch.count_) +
                 " does not fit last offset delta " + std::to_string(delta));
  }
  return batch;
}

std::optional<Codec> Batch::codec() const {
  const auto id = attributes_ & 7;
  if (id > static_cast<int>(Codec::zstd)) return std::nullopt;
  return static_cast<Codec>(id);
}

std::int32_t Batch::last_sequence() const {
  if (base_sequence_ < 0) return -1;
  const auto last = std::int64_t{base_sequence_} + last_offset_delta_;
  return static_cast<std::int32_t>(last & std::numeric_limits<std::int32_t>::max());
}

bool Batch::crc_matches() const { return checksum(bytes_) == crc_; }

void Batch::place(Offset base, Epoch leader_epoch) {
  CHECK(base.value >= 0);
  CHECK(base.value < std::numeric_limits<std::int64_t>::max() - last_offset_delta_);
  auto* bytes = writable(bytes_);
  base_ = base;
  leader_epoch_ = leader_epoch;
  put<8>(bytes, static_cast<std::uint64_t>(base.value));
  put<4>(bytes + leader_epoch_at, static_cast<std::uint32_t>(leader_epoch.value));
}

void Batch::stamp(bool append_time, std::int64_t max_timestamp) {
  auto* bytes = writable(bytes_);
  const auto others = attributes_ & ~append_time_bit;
  attributes_ = static_cast<std::int16_t>(append_time ? others | append_time_bit : others);
  max_timestamp_ = max_timestamp;
  put<2>(bytes + attributes_at, static_cast<std::uint16_t>(attributes_));
  put<8>(bytes + max_timestamp_at, static_cast<std::uint64_t>(max_timestamp));
  crc_ = checksum(bytes_);
  put<4>(bytes + crc_at, crc_);
}

}  // namespace trialog::records
