#pragma once

#include <compare>
#include <cstdint>

namespace trialog {

/// An integer that cannot be mistaken for another kind of integer.
template <class Tag, class Rep>
struct Id {
  Rep value{};
  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

struct NodeId : Id<NodeId, std::int32_t> {
  using Id::Id;
};
struct ProducerId : Id<ProducerId, std::int64_t> {
  using Id::Id;
};
inline constexpr ProducerId no_producer{-1};

/// A leader epoch. Never falls within one partition; -1 where there is none.
struct Epoch : Id<Epoch, std::int32_t> {
  using Id::Id;
  constexpr Epoch next() const { return Epoch(value + 1); }
};
inline constexpr Epoch no_epoch{-1};

/// A position in a log: the offset of the next record. Every bound is exclusive and called `end`;
/// there is no inclusive "last" anywhere.
struct Offset : Id<Offset, std::int64_t> {
  using Id::Id;
  constexpr Offset operator+(std::int64_t count) const { return Offset(value + count); }
  constexpr std::int64_t operator-(Offset from) const { return value - from.value; }
};

}  // namespace trialog
