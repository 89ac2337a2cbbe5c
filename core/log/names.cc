#include "core/log/names.h"

#include <charconv>

namespace trialog::log {
namespace {

constexpr std::size_t digits = 20;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string segment_name(Offset base, std::string_view suffix) {
  std::string number = std::to_string(base.value);
  std::string name(number.size() < digits ? digits - number.size() : 0, '0');
  name += number;
  name += suffix;
  return name;
}

std::optional<Offset> offset_in_name(std::string_view name, std::string_view suffix) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  const auto value = number_in<std::int64_t>(name.substr(0, digits));
  if (!value) return std::nullopt;
  return Offset(*value);
}

std::optional<PartitionDirectory> partition_in_name(std::string_view name) {
  PartitionDirectory found;
  if (name.ends_with("-delete")) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    found.deleted = true;
    name = name.substr(0, dot);
  }
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = number_in<std::int32_t>(name.substr(dash + 1));
  const auto topic = name.substr(0, dash);
  if (!number || !topic_name_problem(topic).empty()) return std::nullopt;
  found.partition = TopicPartition(std::string(topic), *number);
  // "orders-01" is nobody's directory: two names must not mean one partition.
  if (found.partition.text() != name) return std::nullopt;
  return found;
}

}  // namespace trialog::log
