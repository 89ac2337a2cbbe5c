#include "core/base/hash.h"

#include <limits>

#include "core/base/check.h"

namespace trialog {
namespace {

std::uint32_t byte_at(std::span<const std::byte> bytes, std::size_t index) {
  return std::to_integer<std::uint32_t>(bytes[index]);
}

/// Takes one code point off the front; U+FFFD for the longest piece that could have become one
/// (Unicode 15, section 3.9, table 3-7).
char32_t next_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return 0xfffd;
  const int following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  // What the second byte must be, so that nothing is overlong, a surrogate, or past U+10FFFF.
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  char32_t point = lead & (0x3fu >> following);
  for (int i = 0; i < following; ++i, low = 0x80, high = 0xbf) {
    if (text.empty()) return 0xfffd;
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte < low || byte > high) return 0xfffd;
    text.remove_prefix(1);
    point = point << 6 | (byte & 0x3fu);
  }
  return point;
}

}  // namespace

std::int32_t murmur2(std::span<const std::byte> bytes) {
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto size = bytes.size();
  auto h = 0x9747b28cu ^ static_cast<std::uint32_t>(size);
  std::size_t at = 0;
  for (; size - at >= 4; at += 4) {
    auto k = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16 |
             byte_at(bytes, at + 3) << 24;
    k *= m;
    k ^= k >> 24;
    k *= m;
    h *= m;
    h ^= k;
  }
  for (std::size_t i = size - at; i > 0; --i) h ^= byte_at(bytes, at + i - 1) << (8 * (i - 1));
  if (at != size) h *= m;
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return static_cast<std::int32_t>(h);
}

std::int32_t java_string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  while (!utf8.empty()) {
    const auto point = next_code_point(utf8);
    if (point < 0x10000) {
      hash = 31 * hash + point;
    } else {  // Two units, a pair of surrogates.
      hash = 31 * hash + (0xd800 + ((point - 0x10000) >> 10));
      hash = 31 * hash + (0xdc00 + (point & 0x3ff));
    }
  }
  return static_cast<std::int32_t>(hash);
}

std::int32_t key_partition(std::span<const std::byte> key, std::int32_t count) {
  CHECK(count > 0);
  return (murmur2(key) & std::numeric_limits<std::int32_t>::max()) % count;
}

std::int32_t group_partition(std::string_view name, std::int32_t count) {
  CHECK(count > 0);
  const auto hash = java_string_hash(name);
  // Kafka's abs has to say something about the one integer without a positive twin: 0.
  if (hash == std::numeric_limits<std::int32_t>::min()) return 0;
  return (hash < 0 ? -hash : hash) % count;
}

}  // namespace trialog
