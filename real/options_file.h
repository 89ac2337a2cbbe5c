#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/config_table.h"

namespace trialog::real {

/// What a file of settings says, and what an operator should hear about it.
struct SettingsText {
  metadata::Settings settings;
  std::vector<std::string> warnings;
};

/// Reads the syntax of Java's `Properties`: "name=value", "name: value" or "name value" a line,
/// comments behind `#` or `!`, lines continued by a backslash at their end, escapes \t \n \r \f
/// \uXXXX. The text is UTF-8. The last of several lines with one name counts, with a warning. An
/// error is one line that begins with "line 7: ".
std::expected<SettingsText, std::string> parse_properties(std::string_view text);

/// The same from a file; errors name it. Refuses what is not a plain file or is past 1 MiB.
std::expected<SettingsText, std::string> read_properties(const std::string& path);

/// "name=value", as `--override` takes it: the name up to the first `=`, the value verbatim but for
/// spaces around it.
std::expected<void, std::string> add_override(metadata::Settings& settings, std::string_view text);

}  // namespace trialog::real
