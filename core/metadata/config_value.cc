#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "core/metadata/config_table.h"

namespace trialog::metadata {

namespace {

constexpr std::string_view spaces = " \t\n\r\f\v";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// The whole of `text` as a number in decimal notation.
std::optional<double> real_value(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string invalid(const Setting& setting, std::string_view value, std::string_view why) {
  std::string text = "Invalid value ";
  text += setting.type == ConfigType::password ? "[hidden]" : value;
  text += " for configuration ";
  text += setting.name;
  text += ": ";
  return text += why;
}

struct Bounds {
  std::string_view low;
  std::string_view high;  // Empty: none.
};

/// What "[1,...,9]" and "[1,...]" say.
std::optional<Bounds> bounds_of(std::string_view valid) {
  const auto dots = valid.find(",...");
  if (dots == std::string_view::npos || !valid.starts_with('[')) return std::nullopt;
  Bounds bounds{valid.substr(1, dots - 1), {}};
  const auto rest = valid.substr(dots + 4);
  if (rest.starts_with(',')) bounds.high = rest.substr(1, rest.find(']') - 1);
  return bounds;
}

std::string range_problem(const Setting& setting, std::string_view value) {
  const auto bounds = bounds_of(setting.valid);
  if (!bounds) return {};
  const auto number = real_value(trimmed(value)).value_or(0);
  const bool below = number < real_value(bounds->low).value_or(0);
  const bool above = !bounds->high.empty() && number > real_value(bounds->high).value_or(0);
  // gzip's level: "[1,...,9] or -1".
  if (const auto also = setting.valid.find(" or "); also != std::string_view::npos) {
    const auto other = setting.valid.substr(also + 4);
    if (!(below || above) || trimmed(value) == other) return {};
    return invalid(setting, value,
                   "Value must be between " + std::string(bounds->low) + " and " +
                       std::string(bounds->high) + " or equal to " + std::string(other));
  }
  if (below) return invalid(setting, value, "Value must be at least " + std::string(bounds->low));
  if (above) {
    return invalid(setting, value, "Value must be no more than " + std::string(bounds->high));
  }
  return {};
}

struct Limits {
  std::string_view name;
  std::int64_t low;
  std::int64_t high;
};

template <class Integer>
constexpr Limits limits(std::string_view name) {
  return {name, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()};
}

std::string integer_problem(const Setting& setting, std::string_view value, Limits type) {
  const auto number = integer_value(value);
  if (!number || *number < type.low || *number > type.high) {
    return invalid(setting, value, "Not a number of type " + std::string(type.name));
  }
  return range_problem(setting, value);
}

/// The words of "[a, b, c]", which may follow a remark in parentheses.
std::vector<std::string> words_of(std::string_view valid) {
  const auto open = valid.find('[');
  if (open == std::string_view::npos || !valid.ends_with(']') || valid.find(":[") != valid.npos) {
    return {};
  }
  return list_value(valid.substr(open + 1, valid.size() - open - 2));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// "3:1,0:2" or "*": which replicas of a topic are throttled.
bool throttled_replicas(std::string_view value) {
  if (trimmed(value) == "*") return true;
  return std::ranges::all_of(list_value(value), [](const std::string& pair) {
    const auto colon = pair.find(':');
    return colon != std::string::npos && integer_value(pair.substr(0, colon)) &&
           integer_value(pair.substr(colon + 1));
  });
}

bool allowed_word(const std::vector<std::string>& words, std::string_view value, bool any_case) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    if (any_case) return lower(word) == lower(value);
    // A length of time may be anything that begins as one.
    if (word.starts_with("by_duration:")) return value.starts_with("by_duration:P");
    return word == value;
  });
}

std::string word_problem(const Setting& setting, std::string_view value) {
  const auto words = words_of(setting.valid);
  if (words.empty()) return {};
  const bool any_case = setting.valid.starts_with("(case insensitive)");
  if (allowed_word(words, value, any_case)) return {};
  return invalid(setting, value,
                 std::string("String must be one of") + (any_case ? " (case insensitive)" : "") +
                     ": " + joined(words));
}

std::string string_problem(const Setting& setting, std::string_view value) {
  if (setting.valid == "non-empty string" && value.empty()) {
    return invalid(setting, value, "String must be non-empty");
  }
  return word_problem(setting, value);
}

std::string list_problem(const Setting& setting, std::string_view value) {
  if (setting.valid.find(":[") != std::string_view::npos) {
    if (throttled_replicas(value)) return {};
    return invalid(setting, "[" + joined(list_value(value)) + "]",
                   std::string(setting.name) +
                       " must be the literal '*' or a list of replicas in the following format: " +
                       std::string(setting.valid));
  }
  const auto words = list_value(value);
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (std::find(words.begin(), word, *word) != word) {
      return "Configuration '" + std::string(setting.name) + "' values must not be duplicated.";
    }
    if (auto problem = word_problem(setting, *word); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string value_problem(const Setting& setting, std::string_view value) {
  switch (setting.type) {
    case ConfigType::boolean:
      if (boolean_value(value)) return {};
      return invalid(setting, value, "Expected value to be either true or false");
    case ConfigType::short_integer:
      return integer_problem(setting, value, limits<std::int16_t>("SHORT"));
    case ConfigType::integer:
      return integer_problem(setting, value, limits<std::int32_t>("INT"));
    case ConfigType::long_integer:
      return integer_problem(setting, value, limits<std::int64_t>("LONG"));
    case ConfigType::real_number:
      if (real_value(trimmed(value))) return range_problem(setting, value);
      return invalid(setting, value, "Not a number of type DOUBLE");
    case ConfigType::list:
      return list_problem(setting, value);
    case ConfigType::class_name:
    case ConfigType::password:
      return {};
    case ConfigType::string:
      return string_problem(setting, value);
  }
  return {};
}

std::int8_t type_number(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return 1;
    case ConfigType::string:
      return 2;
    case ConfigType::integer:
      return 3;
    case ConfigType::short_integer:
      return 4;
    case ConfigType::long_integer:
      return 5;
    case ConfigType::real_number:
      return 6;
    case ConfigType::list:
      return 7;
    case ConfigType::class_name:
      return 8;
    case ConfigType::password:
      return 9;
  }
  return 0;
}

std::optional<std::int64_t> integer_value(std::string_view text) {
  auto digits = trimmed(text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

std::optional<bool> boolean_value(std::string_view text) {
  const auto word = lower(trimmed(text));
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

std::vector<std::string> list_value(std::string_view text) {
  std::vector<std::string> parts;
  if (trimmed(text).empty()) return parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace trialog::metadata
