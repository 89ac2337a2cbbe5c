#include "core/base/bytes.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"

namespace trialog {

Bytes::Bytes(std::vector<std::byte> owned) {
  auto storage = std::make_shared<const std::vector<std::byte>>(std::move(owned));
  view_ = *storage;
  storage_ = std::move(storage);
}

Bytes::Bytes(std::shared_ptr<const void> storage, std::span<const std::byte> view)
    : storage_(std::move(storage)), view_(view) {}

Bytes Bytes::copy_of(std::span<const std::byte> bytes) {
  Buffer buffer(bytes.size());
  buffer.append(bytes);
  return buffer.slice(0, bytes.size());
}

Bytes Bytes::copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

std::string_view Bytes::text() const { return as_text(view_); }

Bytes Bytes::slice(std::size_t first, std::size_t count) const {
  CHECK(first <= size());
  CHECK(count <= size() - first);
  return Bytes(storage_, view_.subspan(first, count));
}

bool operator==(const Bytes& a, const Bytes& b) { return std::ranges::equal(a.view_, b.view_); }

Buffer::Buffer(std::size_t capacity)
    : storage_(std::make_shared_for_overwrite<std::byte[]>(capacity)), capacity_(capacity) {}

std::span<std::byte> Buffer::room() { return {storage_.get() + size_, capacity_ - size_}; }

void Buffer::filled(std::size_t count) {
  CHECK(count <= capacity_ - size_);
  size_ += count;
}

void Buffer::append(std::span<const std::byte> bytes) {
  CHECK(bytes.size() <= capacity_ - size_);
  if (!bytes.empty()) std::memcpy(storage_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

Bytes Buffer::slice(std::size_t first, std::size_t count) const {
  CHECK(first <= size_);
  CHECK(count <= size_ - first);
  return Bytes(storage_, std::span<const std::byte>(storage_.get() + first, count));
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(std::span<const std::byte> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (auto byte : bytes) {
    hex.push_back(digits[std::to_integer<int>(byte >> 4)]);
    hex.push_back(digits[std::to_integer<int>(byte & std::byte{15})]);
  }
  return hex;
}

std::vector<std::byte> from_hex(std::string_view hex) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::vector<std::byte> bytes;
  if (hex.size() % 2 != 0) return bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return bytes;
}

}  // namespace trialog
