#include "real/options_file.h"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

namespace trialog::real {

namespace {

constexpr std::string_view blanks = " \t\f";
constexpr std::size_t largest_file = 1u << 20;

std::string_view without_leading_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool continues(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// Cuts a text into logical lines: comments and blank lines left out, continued ones put together.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// False at the end.
  bool next(std::string& line, std::size_t& number) {
    while (!rest_.empty()) {
      auto natural = without_leading_blanks(take());
      if (natural.empty() || natural[0] == '#' || natural[0] == '!') continue;
      number = taken_;
      line.clear();
      while (continues(natural)) {
        line += natural.substr(0, natural.size() - 1);
        if (rest_.empty()) return true;
        natural = without_leading_blanks(take());
      }
      line += natural;
      return true;
    }
    return false;
  }

 private:
  std::string_view take() {
    ++taken_;
    const auto end = rest_.find_first_of("\r\n");
    const auto line = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      rest_ = {};
    } else {
      const bool two = rest_.substr(end, 2) == "\r\n";
      rest_.remove_prefix(end + (two ? 2 : 1));
    }
    return line;
  }

  std::string_view rest_;
  std::size_t taken_ = 0;
};

void append_utf8(std::string& to, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

/// The four hexadecimal digits at the front.
std::optional<std::uint32_t> hex4(std::string_view text) {
  std::uint32_t value = 0;
  const auto digits = text.substr(0, 4);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) return std::nullopt;
  return value;
}

/// Takes what follows "\u" off `rest`, a second half of a surrogate pair included.
std::optional<std::uint32_t> take_code_point(std::string_view& rest) {
  const auto first = hex4(rest);
  if (!first) return std::nullopt;
  rest.remove_prefix(4);
  const bool high = *first >= 0xd800 && *first < 0xdc00;
  if (!high) return *first >= 0xdc00 && *first < 0xe000 ? std::nullopt : first;
  const auto second = rest.starts_with("\\u") ? hex4(rest.substr(2)) : std::nullopt;
  if (!second || *second < 0xdc00 || *second >= 0xe000) return std::nullopt;
  rest.remove_prefix(6);
  return 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00);
}

char escaped(char c) {
  switch (c) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

/// Nothing if a \u is not followed by a character's number.
std::optional<std::string> unescaped(std::string_view rest) {
  std::string text;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\' || rest.empty()) {
      text += c;
      continue;
    }
    const char kind = rest.front();
    rest.remove_prefix(1);
    if (kind != 'u') {
      text += escaped(kind);
      continue;
    }
    const auto point = take_code_point(rest);
    if (!point) return std::nullopt;
    append_utf8(text, *point);
  }
  return text;
}

/// Where the name ends: the first separator that no backslash escapes.
std::size_t end_of_name(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (std::string_view("=: \t\f").find(line[i]) != std::string_view::npos) {
      return i;
    }
  }
  return line.size();
}

std::string_view after_separator(std::string_view rest) {
  rest = without_leading_blanks(rest);
  if (!rest.empty() && (rest[0] == '=' || rest[0] == ':')) rest.remove_prefix(1);
  return without_leading_blanks(rest);
}

std::string at_line(std::size_t number, std::string_view text) {
  return "line " + std::to_string(number) + ": " + std::string(text);
}

std::string_view trimmed(std::string_view text) {
  text = without_leading_blanks(text);
  const auto last = text.find_last_not_of(blanks);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::expected<SettingsText, std::string> parse_properties(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // A byte order mark.
  SettingsText result;
  Lines lines(text);
  std::string line;
  for (std::size_t number = 0; lines.next(line, number);) {
    if (line.find('\0') != std::string::npos) {
      return std::unexpected(at_line(number, "holds a zero byte: this is no file of settings"));
    }
    const auto end = end_of_name(line);
    const auto name = unescaped(std::string_view(line).substr(0, end));
    const auto value = unescaped(after_separator(std::string_view(line).substr(end)));
    if (!name || !value) {
      return std::unexpected(at_line(number, "\\u must be followed by four hexadecimal digits"));
    }
    if (name->empty()) return std::unexpected(at_line(number, "there is no name before the value"));
    if (end == line.size()) {
      return std::unexpected(at_line(number, "there is no value behind " + *name));
    }
    // Unlike Java we leave out spaces at the end, as Kafka does when it reads the value.
    const auto [at, fresh] = result.settings.insert_or_assign(*name, std::string(trimmed(*value)));
    if (!fresh) {
      result.warnings.push_back(at_line(number, at->first + " was given before; this one counts"));
    }
  }
  return result;
}

std::expected<SettingsText, std::string> read_properties(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error) return std::unexpected(path + ": " + error.message());
  if (std::filesystem::is_directory(status)) return std::unexpected(path + ": is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(path + ": " + std::generic_category().message(errno));
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return std::unexpected(path + ": can't be read");
  if (text.size() > largest_file) {
    return std::unexpected(path + ": is longer than 1 MiB: this is no file of settings");
  }
  auto parsed = parse_properties(text);
  if (!parsed) return std::unexpected(path + ": " + parsed.error());
  for (auto& warning : parsed->warnings) warning = path + ": " + warning;
  return parsed;
}

std::expected<void, std::string> add_override(metadata::Settings& settings, std::string_view text) {
  const auto equals = text.find('=');
  const auto name = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return std::unexpected("\"" + std::string(text) + "\" is not name=value");
  }
  settings.insert_or_assign(std::string(name), std::string(trimmed(text.substr(equals + 1))));
  return {};
}

}  // namespace trialog::real
