#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/topic.h"

namespace trialog::log {

/// A decimal number that is not negative and nothing else.
std::optional<std::int64_t> parse_number(std::string_view text);

/// The entries of one of Kafka's text checkpoints: a line "0", a line with their number, then one a
/// line. An empty file has none. Else says what is wrong. The lines are parts of `text`.
std::expected<std::vector<std::string_view>, std::string> checkpoint_lines(std::string_view text);

/// One offset for each partition of a directory, as `recovery-point-offset-checkpoint` and its like
/// keep them.
using OffsetCheckpoint = std::map<TopicPartition, Offset>;
std::string render(const OffsetCheckpoint& offsets);
std::expected<OffsetCheckpoint, std::string> parse_offsets(std::string_view text);

/// A Java properties file of the simple kind that `meta.properties` is: "key=value" lines and
/// comments.
using Properties = std::map<std::string, std::string>;
std::string render(const Properties& properties);
std::expected<Properties, std::string> parse_properties(std::string_view text);

}  // namespace trialog::log
