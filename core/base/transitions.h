#pragma once

#include <cstddef>

namespace trialog {

/// One arrow of a state diagram. The table is the specification: code checks it, tests walk it and
/// viz/ draws it.
template <class State>
struct Transition {
  State from, to;
  const char* why;
};

template <class State, std::size_t N>
constexpr bool allows(const Transition<State> (&table)[N], State from, State to) {
  for (const auto& t : table) {
    if (t.from == from && t.to == to) return true;
  }
  return false;
}

}  // namespace trialog
