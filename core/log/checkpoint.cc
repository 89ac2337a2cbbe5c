#include "core/log/checkpoint.h"

#include <charconv>

namespace trialog::log {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < 0 || text.empty()) return std::nullopt;
  return value;
}

std::expected<std::vector<std::string_view>, std::string> checkpoint_lines(std::string_view text) {
  auto lines = lines_of(text);
  if (lines.empty()) return lines;
  if (lines[0] != "0") {
    return std::unexpected("line 1 is '" + std::string(lines[0].substr(0, 40)) +
                           "', should be the version 0");
  }
  const auto count = lines.size() < 2 ? std::nullopt : parse_number(lines[1]);
  if (!count) return std::unexpected("line 2 should be the number of entries");
  lines.erase(lines.begin(), lines.begin() + 2);
  if (static_cast<std::uint64_t>(*count) != lines.size()) {
    return std::unexpected("line 2 says " + std::to_string(*count) + " entries, there are " +
                           std::to_string(lines.size()));
  }
  return lines;
}

std::string render(const OffsetCheckpoint& offsets) {
  std::string text = "0\n" + std::to_string(offsets.size()) + "\n";
  for (const auto& [partition, offset] : offsets) {
    text += partition.topic + " " + std::to_string(partition.partition) + " " +
            std::to_string(offset.value) + "\n";
  }
  return text;
}

std::expected<OffsetCheckpoint, std::string> parse_offsets(std::string_view text) {
  auto lines = checkpoint_lines(text);
  if (!lines) return std::unexpected(lines.error());
  OffsetCheckpoint offsets;
  for (const auto line : *lines) {
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
      return std::unexpected("'" + std::string(line) + "' is not topic, partition and offset");
    }
    const auto partition = parse_number(line.substr(first + 1, second - first - 1));
    const auto offset = parse_number(line.substr(second + 1));
    if (!partition || !offset || *partition > INT32_MAX) {
      return std::unexpected("'" + std::string(line) + "' is not topic, partition and offset");
    }
    TopicPartition name(std::string(line.substr(0, first)), static_cast<std::int32_t>(*partition));
    offsets[std::move(name)] = Offset(*offset);
  }
  return offsets;
}

std::string render(const Properties& properties) {
  std::string text;
  for (const auto& [key, value] : properties) text += key + "=" + value + "\n";
  return text;
}

std::expected<Properties, std::string> parse_properties(std::string_view text) {
  Properties properties;
  for (auto line : lines_of(text)) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#' || line[first] == '!') continue;
    line.remove_prefix(first);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
      return std::unexpected("'" + std::string(line.substr(0, 40)) + "' is not key=value");
    }
    properties[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
  }
  return properties;
}

}  // namespace trialog::log
