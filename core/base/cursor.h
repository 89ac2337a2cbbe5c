#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.h"

namespace trialog {

/// Reads big-endian values one after the other. Once anything was missing or malformed, `failed()`
/// is true for good, every further value is zero or empty, and nothing is read past the end: check
/// once, at the end. Does not own the bytes.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian<1>()); }
  std::int8_t i8() { return static_cast<std::int8_t>(big_endian<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian<2>()); }
  std::int16_t i16() { return static_cast<std::int16_t>(big_endian<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian<4>()); }
  std::int32_t i32() { return static_cast<std::int32_t>(big_endian<4>()); }
  std::uint64_t u64() { return big_endian<8>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(big_endian<8>()); }
  double f64();
  /// LEB128, at most 5 bytes.
  std::uint32_t uvarint();
  /// Zigzag LEB128, at most 5 and 10 bytes.
  std::int32_t varint();
  std::int64_t varlong();
  Uuid uuid();
  std::span<const std::byte> take(std::size_t count);

  std::size_t position() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool failed() const { return failed_; }
  void fail() { failed_ = true, at_ = bytes_.size(); }

 private:
  template <std::size_t Size>
  std::uint64_t big_endian() {
    if (left() < Size) return fail(), 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < Size; ++i) {
      value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at_ + i]);
    }
    at_ += Size;
    return value;
  }
  std::uint64_t leb128(int max_bytes);

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// Appends big-endian values to bytes that it owns.
class Writer {
 public:
  void u8(std::uint8_t v) { out_.push_back(std::byte(v)); }
  void i8(std::int8_t v) { u8(static_cast<std::uint8_t>(v)); }
  void u16(std::uint16_t v) { big_endian<2>(v); }
  void i16(std::int16_t v) { big_endian<2>(static_cast<std::uint16_t>(v)); }
  void u32(std::uint32_t v) { big_endian<4>(v); }
  void i32(std::int32_t v) { big_endian<4>(static_cast<std::uint32_t>(v)); }
  void u64(std::uint64_t v) { big_endian<8>(v); }
  void i64(std::int64_t v) { big_endian<8>(static_cast<std::uint64_t>(v)); }
  void f64(double v);
  void uvarint(std::uint32_t v);
  void varint(std::int32_t v);
  void varlong(std::int64_t v);
  void uuid(const Uuid& v) { bytes(v.bytes); }
  void bytes(std::span<const std::byte> v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void text(std::string_view v);

  std::size_t size() const { return out_.size(); }
  void reserve(std::size_t count) { out_.reserve(count); }
  std::span<const std::byte> view() const { return out_; }
  /// Overwrites four bytes written before, such as a length that is known only now.
  void put_i32(std::size_t at, std::int32_t v);
  std::vector<std::byte> take() { return std::move(out_); }

 private:
  template <std::size_t Size>
  void big_endian(std::uint64_t v) {
    std::byte piece[Size];
    for (std::size_t i = 0; i < Size; ++i) piece[i] = std::byte((v >> (8 * (Size - 1 - i))) & 255);
    out_.insert(out_.end(), piece, piece + Size);
  }

  std::vector<std::byte> out_;
};

/// How many bytes the value takes as unsigned LEB128, or as zigzag LEB128.
std::size_t uvarint_size(std::uint64_t v);
std::size_t varint_size(std::int64_t v);

}  // namespace trialog
