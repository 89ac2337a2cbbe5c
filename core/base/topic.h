#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace trialog {

/// Names one partition. Prints as Kafka's directories do: "orders-0".
struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;

  TopicPartition() = default;
  TopicPartition(std::string t, std::int32_t p) : topic(std::move(t)), partition(p) {}
  std::string text() const { return topic + "-" + std::to_string(partition); }
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// Why `name` can't be a topic's name, or empty if it can: 1 to 249 characters out of letters,
/// digits, '.', '_' and '-', and neither "." nor "..".
std::string topic_name_problem(std::string_view name);

}  // namespace trialog
