#include "scenarios/runner/history.h"

#include <algorithm>
#include <charconv>

#include "core/base/random.h"

namespace trialog::scenarios {
namespace {

constexpr std::size_t digits = 16;

std::string filler(Value value, std::size_t size) {
  Random random = Random(static_cast<std::uint64_t>(value)).fork("payload");
  std::string text(size, ' ');
  for (auto& c : text) c = static_cast<char>('a' + random.below(26));
  return text;
}

}  // namespace

std::size_t History::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(sends, outcome, &Send::outcome));
}

std::string payload_of(Value value, std::size_t size) {
  auto number = std::to_string(value);
  std::string text(digits - std::min(digits, number.size()), '0');
  text += number;
  return text + filler(value, std::max(size, digits) - digits);
}

Value value_of(std::string_view payload) {
  if (payload.size() < digits) return 0;
  Value value = 0;
  const auto [end, error] = std::from_chars(payload.data(), payload.data() + digits, value);
  if (error != std::errc() || end != payload.data() + digits || value <= 0) return 0;
  return payload == payload_of(value, payload.size()) ? value : 0;
}

}  // namespace trialog::scenarios
