#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trialog {

/// Immutable bytes that share their storage. Copying and slicing never copy them, so one batch
/// travels from the socket to the log, to every follower and to every consumer as the same memory.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::vector<std::byte> owned);
  /// Shares `storage`, of which `view` is a part.
  Bytes(std::shared_ptr<const void> storage, std::span<const std::byte> view);
  static Bytes copy_of(std::span<const std::byte> bytes);
  static Bytes copy_of(std::string_view text);

  std::span<const std::byte> view() const { return view_; }
  std::string_view text() const;
  const std::byte* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  /// The range must lie within.
  Bytes slice(std::size_t first, std::size_t count) const;
  Bytes from(std::size_t first) const { return slice(first, size() - first); }

  friend bool operator==(const Bytes& a, const Bytes& b);

 private:
  std::shared_ptr<const void> storage_;
  std::span<const std::byte> view_;
};

/// Memory that is filled from the front and handed out as `Bytes` behind. What has been handed out
/// is not touched again; the memory lives as long as any of it is in use. Not zeroed.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity);

  /// The part not yet filled; at least one byte unless full.
  std::span<std::byte> room();
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  /// `count` bytes of `room()` have been written.
  void filled(std::size_t count);
  void append(std::span<const std::byte> bytes);
  std::span<const std::byte> view() const { return {storage_.get(), size_}; }
  /// A part of what is filled.
  Bytes slice(std::size_t first, std::size_t count) const;

 private:
  std::shared_ptr<std::byte[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

std::span<const std::byte> as_bytes(std::string_view text);
std::string_view as_text(std::span<const std::byte> bytes);

/// "00ff1a": lower-case hexadecimal, as test vectors and captures write bytes.
std::string to_hex(std::span<const std::byte> bytes);
/// Empty if `hex` has an odd length or another character than a hexadecimal digit.
std::vector<std::byte> from_hex(std::string_view hex);

}  // namespace trialog
