#pragma once

#include <utility>
#include <variant>

namespace trialog {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// `std::visit` the way round that reads: the value first, then one lambda per alternative.
template <class Variant, class... Cases>
decltype(auto) match(Variant&& value, Cases... cases) {
  return std::visit(Overloaded<Cases...>{std::move(cases)...}, std::forward<Variant>(value));
}

}  // namespace trialog
