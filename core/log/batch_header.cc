#include "core/log/batch_header.h"

#include "core/base/cursor.h"
#include "core/records/batch.h"

namespace trialog::log {

BatchHeader BatchHeader::of(const records::Batch& batch, std::uint64_t position) {
  BatchHeader header;
  header.position = position;
  header.size = batch.size();
  header.base = batch.base();
  header.end = batch.end();
  header.leader_epoch = batch.leader_epoch();
  header.crc = batch.crc();
  header.attributes = batch.attributes();
  header.max_timestamp = to_ms(batch.max_timestamp());
  header.producer_id = batch.producer_id();
  header.producer_epoch = batch.producer_epoch();
  header.base_sequence = batch.base_sequence();
  return header;
}

std::expected<BatchHeader, std::string> BatchHeader::parse(std::span<const std::byte> bytes,
                                                           std::uint64_t position,
                                                           std::uint64_t room) {
  Reader reader(bytes);
  BatchHeader header;
  header.position = position;
  header.base = Offset(reader.i64());
  const auto length = reader.i32();
  header.leader_epoch = Epoch(reader.i32());
  const auto magic = reader.i8();
  header.crc = reader.u32();
  header.attributes = reader.i16();
  const auto last_offset_delta = reader.i32();
  reader.i64();  // The base timestamp.
  header.max_timestamp = reader.i64();
  header.producer_id = ProducerId(reader.i64());
  header.producer_epoch = reader.i16();
  header.base_sequence = reader.i32();
  reader.i32();  // The count.
  if (reader.failed()) return std::unexpected("a batch header is cut short");
  const auto least = static_cast<std::int64_t>(records::header_size - records::length_prefix);
  if (length < least)
    return std::unexpected("a batch says its length is " + std::to_string(length));
  header.size = static_cast<std::uint64_t>(length) + records::length_prefix;
  if (header.size > room) return std::unexpected("a batch is longer than what is left of the file");
  if (magic != 2) return std::unexpected("a batch has magic " + std::to_string(magic) + ", not 2");
  if (last_offset_delta < 0 || header.base.value < 0) {
    return std::unexpected("a batch has a negative offset");
  }
  if (header.base.value > INT64_MAX - last_offset_delta - 1ll) {
    return std::unexpected("a batch ends behind the last offset there is");
  }
  header.end = header.base + (last_offset_delta + 1ll);
  return header;
}

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return -1;
  const std::int64_t last = base_sequence + (end - base - 1);
  return static_cast<std::int32_t>(last > INT32_MAX ? last - INT32_MAX - 1 : last);
}

}  // namespace trialog::log
