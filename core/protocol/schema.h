#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/chain.h"

namespace trialog::protocol {

/// A record set as the wire carries it: batches in memory or ranges of a segment file, never
/// copied.
using Records = std::optional<Chain>;

/// A range of versions in Kafka's own notation: "3", "0-3", "4+", "none". Anything else does not
/// compile.
struct Versions {
  std::int16_t first = 0;
  std::int16_t last = -1;  // Empty.

  constexpr Versions() = default;
  constexpr Versions(std::int16_t low, std::int16_t high) : first(low), last(high) {}
  consteval Versions(const char* text) {
    const auto parsed = parse(text);
    if (!parsed) throw "expected a range of versions";
    *this = *parsed;
  }

  static constexpr std::optional<Versions> parse(std::string_view text) {
    if (text == "none") return Versions();
    const auto number = [&text]() -> std::int16_t {
      std::int16_t n = text.empty() || text[0] < '0' || text[0] > '9' ? -1 : 0;
      for (; !text.empty() && text[0] >= '0' && text[0] <= '9' && n < 1000; text.remove_prefix(1)) {
        n = static_cast<std::int16_t>(n * 10 + (text[0] - '0'));
      }
      return n;
    };
    Versions range;
    range.first = range.last = number();
    if (text == "+") {
      text = {};
      range.last = std::numeric_limits<std::int16_t>::max();
    } else if (text.starts_with('-')) {
      text.remove_prefix(1);
      range.last = number();
    }
    if (!text.empty() || range.first < 0 || range.last < range.first) return std::nullopt;
    return range;
  }
  constexpr bool contains(std::int16_t v) const { return first <= v && v <= last; }
  constexpr bool empty() const { return last < first; }
  friend constexpr bool operator==(const Versions&, const Versions&) = default;
};

/// What a message is to Kafka: its API key (the type of a metadata record; -1 if it has none), the
/// versions we can read and write, and those that are flexible (KIP-482).
struct Api {
  std::int16_t key = -1;
  Versions valid{};
  Versions flexible{};
};

enum class Kind : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint16,
  uint32,
  float64,
  uuid,
  string,
  bytes,
  records,
  structure,
};

struct Schema;

/// How to reach into a member of one C++ type without knowing the type.
struct MemberType {
  Kind kind = Kind::int8;               // Of the value, or of the array's elements.
  bool array = false;                   // A std::vector of them.
  bool optional = false;                // A std::optional around all that.
  std::size_t stride = 0;               // Size of one element in memory.
  const Schema& (*schema)() = nullptr;  // Of a Kind::structure.

  // Of optionals: where the value is, if it is there; put an empty one in; take it out.
  const void* (*peek)(const void* member) = nullptr;
  void* (*emplace)(void* member) = nullptr;
  void (*reset)(void* member) = nullptr;

  // Of arrays: the elements that are there; make it `count` fresh ones.
  struct Elements {
    const std::byte* first = nullptr;
    std::size_t count = 0;
  };
  Elements (*elements)(const void* array) = nullptr;
  std::byte* (*resize)(void* array, std::size_t count) = nullptr;
};

/// Both are defined in describe.h and compiled in instances/ only, so that a message's header costs
/// its users nothing but the struct.
template <class T>
const MemberType& member_type();
template <auto Member>
const void* member_address(const void* message);

template <auto Member>
struct MemberOf;
template <class Struct, class T, T Struct::* Member>
struct MemberOf<Member> {
  using type = T;
};

/// One line of a wire table: which member, Kafka's name for it, in which versions.
struct Field {
  std::string_view name;
  Versions present;
  const void* (*address)(const void* message) = nullptr;
  const MemberType& (*type)() = nullptr;
  Versions null_allowed{};
  Versions tagged_in{};
  int tag = -1;
  bool may_drop = false;
  bool never_flexible = false;

  consteval Field nullable(Versions v) const {
    auto f = *this;
    f.null_allowed = v;
    return f;
  }
  /// In versions `v` the field lives in the tag section and is left out if it has its default.
  consteval Field tagged(int t, Versions v) const {
    auto f = *this;
    f.tag = t;
    f.tagged_in = v;
    return f;
  }
  /// May be lost when written in a version that lacks it; otherwise such a write is refused.
  consteval Field ignorable() const {
    auto f = *this;
    f.may_drop = true;
    return f;
  }
  /// Keeps the old encoding in flexible versions.
  consteval Field rigid() const {
    auto f = *this;
    f.never_flexible = true;
    return f;
  }
};

template <auto Member>
consteval Field field(std::string_view name, Versions present = "0+") {
  return {name, present, &member_address<Member>, &member_type<typename MemberOf<Member>::type>};
}

template <std::same_as<Field>... F>
consteval std::array<Field, sizeof...(F)> fields(F... f) {
  return {f...};
}

/// A struct that has a wire table.
template <class T>
concept Message = requires { T::wire; };

/// A wire table as the interpreters (decode, encode, text, comparison) walk it. Lives forever.
struct Schema {
  struct Row : Field {
    explicit Row(const Field& field) : Field(field) {}
    std::size_t offset = 0;  // Of the member in the struct.
    MemberType member;
    const Schema* nested = nullptr;  // Of a Kind::structure.

    /// The fewest bytes that one value, or one element of the array, takes on the wire.
    std::uint32_t least_value_size(std::int16_t version) const;
  };
  /// No message has more versions than this.
  static constexpr std::int16_t version_limit = 32;

  std::string_view name;  // Kafka's, without the namespaces.
  Api api;                // Of messages; of nested structs it is empty.
  std::vector<Row> rows;
  std::vector<const Row*> tagged;  // By ascending tag.
  const void* defaults = nullptr;  // A struct as its constructor leaves it.
  /// The fewest bytes that a struct takes on the wire, by version.
  std::array<std::uint32_t, std::size_t{version_limit}> least_size{};
  void* (*make)() = nullptr;
  void (*destroy)(void* message) = nullptr;

  const void* member(const Row& row, const void* message) const {
    return static_cast<const std::byte*>(message) + row.offset;
  }
  void* member(const Row& row, void* message) const {
    return static_cast<std::byte*>(message) + row.offset;
  }
};

/// Compiled in instances/.
template <Message T>
const Schema& schema_of();

}  // namespace trialog::protocol
