#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace trialog::sim {

/// What sort of event it is: a literal such as "net.deliver", hashed when it is compiled.
class Kind {
 public:
  consteval Kind(const char* name) : name_(name) {
    for (const char* c = name; *c != 0; ++c) {
      hash_ = (hash_ ^ static_cast<unsigned char>(*c)) * 0x100000001b3ull;
    }
  }
  constexpr std::string_view name() const { return name_; }
  constexpr std::uint64_t hash() const { return hash_; }

 private:
  const char* name_;
  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

/// Which node an event belongs to: 0 is the world itself, machines count from 1.
using NodeIndex = std::uint32_t;
inline constexpr NodeIndex nowhere = 0;

/// A number that stands for `bytes` in the trace. Cheap (CRC32C and the size), not cryptographic.
std::uint64_t digest(std::span<const std::byte> bytes);
std::uint64_t digest(std::string_view text);

}  // namespace trialog::sim
