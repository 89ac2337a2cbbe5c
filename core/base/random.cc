#include "core/base/random.h"

#include "core/base/check.h"

namespace trialog {
namespace {

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

}  // namespace

std::uint64_t Random::next() { return mix(state_ += 0x9E3779B97F4A7C15ull); }

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound != 0);
  // Lemire's multiply-and-reject: no modulo bias.
  for (;;) {
    const auto product = static_cast<unsigned __int128>(next()) * bound;
    const auto low = static_cast<std::uint64_t>(product);
    if (low >= bound || low >= (0 - bound) % bound) {
      return static_cast<std::uint64_t>(product >> 64);
    }
  }
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  CHECK(low <= high);
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (width == ~0ull) return static_cast<std::int64_t>(next());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(width + 1));
}

bool Random::chance(std::uint32_t per_million) { return below(1'000'000) < per_million; }

Random Random::fork(std::string_view label) const {
  std::uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a.
  for (char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return fork(hash);
}

Random Random::fork(std::uint64_t label) const {
  return Random(mix(state_ ^ mix(label + 0x9E3779B97F4A7C15ull)));
}

}  // namespace trialog
