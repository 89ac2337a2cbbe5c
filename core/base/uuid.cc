#include "core/base/uuid.h"

#include <cstdint>

namespace trialog {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

Uuid Uuid::random(Random& random) {
  for (;;) {
    Uuid id;
    for (std::size_t half = 0; half < 2; ++half) {
      std::uint64_t bits = random.next();
      for (std::size_t i = 0; i < 8; ++i, bits >>= 8)
        id.bytes[8 * half + i] = std::byte(bits & 255);
    }
    id.bytes[6] = (id.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    id.bytes[8] = (id.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    if (id.text().front() != '-') return id;
  }
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  Uuid id;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t out = 0;
  for (char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8 && out < 16) {
      held -= 8;
      id.bytes[out++] = std::byte((bits >> held) & 255);
    }
  }
  return id;
}

std::string Uuid::text() const {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (auto byte : bytes) {
    bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text.push_back(alphabet[(bits >> held) & 63]);
    }
  }
  text.push_back(alphabet[(bits << (6 - held)) & 63]);
  return text;
}

Uuid metadata_topic_id() {
  Uuid id;
  id.bytes[15] = std::byte{1};
  return id;
}

}  // namespace trialog
