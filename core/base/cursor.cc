#include "core/base/cursor.h"

#include <bit>
#include <cstring>

#include "core/base/bytes.h"
#include "core/base/check.h"

namespace trialog {
namespace {

std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

}  // namespace

double Reader::f64() { return std::bit_cast<double>(u64()); }

std::uint64_t Reader::leb128(int max_bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < max_bytes; ++i) {
    const std::uint64_t byte = u8();
    value |= (byte & 127) << (7 * i);
    if ((byte & 128) == 0) return failed_ ? 0 : value;
  }
  fail();
  return 0;
}

std::uint32_t Reader::uvarint() {
  const auto value = leb128(5);
  if (value > 0xffffffffull) return fail(), 0;
  return static_cast<std::uint32_t>(value);
}

std::int32_t Reader::varint() {
  const auto value = leb128(5);
  if (value > 0xffffffffull) return fail(), 0;
  return static_cast<std::int32_t>(unzigzag(value));
}

std::int64_t Reader::varlong() { return unzigzag(leb128(10)); }

Uuid Reader::uuid() {
  Uuid id;
  const auto piece = take(16);
  if (!failed_) std::memcpy(id.bytes.data(), piece.data(), 16);
  return id;
}

std::span<const std::byte> Reader::take(std::size_t count) {
  if (left() < count) return fail(), std::span<const std::byte>();
  const auto piece = bytes_.subspan(at_, count);
  at_ += count;
  return piece;
}

void Writer::f64(double v) { u64(std::bit_cast<std::uint64_t>(v)); }

void Writer::uvarint(std::uint32_t v) {
  for (; v >= 128; v >>= 7) u8(static_cast<std::uint8_t>((v & 127) | 128));
  u8(static_cast<std::uint8_t>(v));
}

void Writer::varint(std::int32_t v) { uvarint(static_cast<std::uint32_t>(zigzag(v))); }

void Writer::varlong(std::int64_t v) {
  auto z = zigzag(v);
  for (; z >= 128; z >>= 7) u8(static_cast<std::uint8_t>((z & 127) | 128));
  u8(static_cast<std::uint8_t>(z));
}

void Writer::text(std::string_view v) { bytes(as_bytes(v)); }

void Writer::put_i32(std::size_t at, std::int32_t v) {
  CHECK(at + 4 <= out_.size());
  for (std::size_t i = 0; i < 4; ++i) {
    out_[at + i] = std::byte((static_cast<std::uint32_t>(v) >> (8 * (3 - i))) & 255);
  }
}

std::size_t uvarint_size(std::uint64_t v) {
  return v == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(v)) + 6) / 7;
}

std::size_t varint_size(std::int64_t v) { return uvarint_size(zigzag(v)); }

}  // namespace trialog
