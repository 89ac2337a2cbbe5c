#include "core/records/build.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/records/compression.h"

namespace trialog::records {
namespace {

constexpr std::size_t crc_at = 17, attributes_at = 21;

std::size_t sized(std::size_t size) { return varint_size(static_cast<std::int64_t>(size)) + size; }

std::size_t sized(const MaybeBytes& bytes) { return bytes ? sized(bytes->size()) : 1; }

void put(Writer& out, std::span<const std::byte> bytes) {
  out.varint(static_cast<std::int32_t>(bytes.size()));
  out.bytes(bytes);
}

void put(Writer& out, const MaybeBytes& bytes) {
  if (!bytes) return out.varint(-1);
  put(out, *bytes);
}

/// What a record takes besides its length, attributes, timestamp and offset.
std::size_t content_size(const MaybeBytes& key, const MaybeBytes& value,
                         std::span<const Header> headers) {
  auto size = sized(key) + sized(value) + varint_size(static_cast<std::int64_t>(headers.size()));
  for (const auto& header : headers) size += sized(header.key.size()) + sized(header.value);
  return size;
}

/// As Kafka computes it: a difference that does not fit wraps, and wraps back when it is read.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

BatchBuilder::BatchBuilder(BatchOptions options) : options_(options) {
  CHECK(options_.base.value >= 0);
  // The header's place; what stands there is known only at the end.
  static constexpr std::byte nothing[header_size] = {};
  out_.bytes(nothing);
}

void BatchBuilder::add(WallTime timestamp, MaybeBytes key, MaybeBytes value,
                       std::span<const Header> headers) {
  if (count_ == 0) base_timestamp_ = max_timestamp_ = to_ms(timestamp);
  max_timestamp_ = std::max(max_timestamp_, to_ms(timestamp));
  const auto delta = difference(to_ms(timestamp), base_timestamp_);
  const auto size =
      1 + varint_size(delta) + varint_size(count_) + content_size(key, value, headers);
  CHECK(size < (1u << 31));
  out_.varint(static_cast<std::int32_t>(size));
  const auto begin = out_.size();
  out_.i8(0);
  out_.varlong(delta);
  out_.varint(count_);
  put(out_, key);
  put(out_, value);
  out_.varint(static_cast<std::int32_t>(headers.size()));
  for (const auto& header : headers) {
    put(out_, as_bytes(header.key));
    put(out_, header.value);
  }
  CHECK(out_.size() - begin == size);
  ++count_;
}

void BatchBuilder::add(WallTime timestamp, std::string_view key, std::string_view value) {
  add(timestamp, as_bytes(key), as_bytes(value));
}

std::size_t BatchBuilder::size_of(MaybeBytes key, MaybeBytes value,
                                  std::span<const Header> headers) {
  // Length, attributes, timestamp and offset at their longest.
  return 5 + 1 + 10 + 5 + content_size(key, value, headers);
}

std::vector<std::byte> BatchBuilder::header(std::size_t payload_size) const {
  const auto& o = options_;
  const int attributes = static_cast<int>(o.codec) | (o.append_time ? 8 : 0) |
                         (o.transactional ? 16 : 0) | (o.control ? 32 : 0);
  Writer out;
  out.i64(o.base.value);
  out.i32(static_cast<std::int32_t>(header_size + payload_size - length_prefix));
  out.i32(o.leader_epoch.value);
  out.i8(2);
  out.u32(0);  // The CRC, which covers what follows.
  out.i16(static_cast<std::int16_t>(attributes));
  out.i32(count_ - 1);
  out.i64(base_timestamp_);
  out.i64(o.append_time ? to_ms(*o.append_time) : max_timestamp_);
  out.i64(o.producer_id.value);
  out.i16(o.producer_epoch);
  out.i32(o.base_sequence);
  out.i32(count_);
  CHECK(out.size() == header_size);
  return out.take();
}

Batch BatchBuilder::build() {
  CHECK(count_ > 0);
  auto bytes = out_.take();
  if (options_.codec != Codec::none) {
    const auto payload = std::span(bytes).subspan(header_size);
    const auto packed = compress(options_.codec, payload, options_.level);
    bytes.resize(header_size);
    bytes.insert(bytes.end(), packed.view().begin(), packed.view().end());
  }
  CHECK(bytes.size() < (1u << 31));
  std::ranges::copy(header(bytes.size() - header_size), bytes.begin());
  Writer crc;
  crc.u32(crc32c(std::span<const std::byte>(bytes).subspan(attributes_at)));
  std::ranges::copy(crc.view(), bytes.begin() + crc_at);
  auto batch = Batch::trusted(Bytes(std::move(bytes)));
  CHECK(batch.has_value());
  return *std::move(batch);
}

}  // namespace trialog::records
