#include "scenarios/runner/scenario.h"

#include <algorithm>
#include <charconv>

#include "core/base/edits.h"
#include "scenarios/runner/verbs.h"

namespace trialog::scenarios {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The words of one line, without a comment at its end.
std::vector<Step::Word> words_of(std::string_view line) {
  std::vector<Step::Word> words;
  for (std::size_t i = 0; i < line.size();) {
    if (is_space(line[i])) {
      ++i;
      continue;
    }
    if (line[i] == '#') break;
    const auto begin = i;
    while (i < line.size() && !is_space(line[i])) ++i;
    words.push_back({std::string(line.substr(begin, i - begin)), begin + 1});
  }
  return words;
}

/// "leader of orders/0" is one word: "leader(orders/0)".
void join_roles(std::vector<Step::Word>& words) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const bool role = words[i].text == "leader" || words[i].text == "follower";
    if (!role || words[i + 1].text != "of") continue;
    words[i].text += "(" + words[i + 2].text + ")";
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                words.begin() + static_cast<std::ptrdiff_t>(i) + 3);
  }
}

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const auto& verb : verbs()) names.emplace_back(verb.name);
  return names;
}

Parsed<void> check_words(const Step& step, const Verb& verb) {
  if (step.words.size() >= verb.min_words && step.words.size() <= verb.max_words) return {};
  const auto& place = step.words.size() > verb.max_words ? step.words[verb.max_words] : step.verb;
  const auto wanted = verb.words.empty() ? std::string("settings only") : std::string(verb.words);
  return std::unexpected(Problem{step.line, place.column,
                                 "'" + std::string(verb.name) + "' takes " + wanted + ", found " +
                                     std::to_string(step.words.size()) + " words"});
}

Parsed<void> check_settings(const Step& step, const Verb& verb) {
  for (const auto& [key, value] : step.settings) {
    const bool known = std::ranges::find(verb.settings, key) != verb.settings.end();
    if (known || (verb.any_setting && key.find('.') != std::string::npos)) continue;
    std::string text = "'" + std::string(verb.name) + "' has no setting '" + key + "'";
    if (!verb.settings.empty()) text += "; did you mean '" + nearest(key, verb.settings) + "'?";
    const auto column = value.column - key.size() - 1;
    return std::unexpected(Problem{step.line, column, std::move(text)});
  }
  return {};
}

Parsed<Step> step_of(std::size_t line, std::vector<Step::Word> words) {
  Step step;
  step.line = line;
  std::size_t i = 0;
  if (words[0].text == "background") step.background = true, ++i;
  if (i == words.size()) {
    return std::unexpected(Problem{line, words[0].column, "'background' wants a verb behind it"});
  }
  step.verb = words[i++];
  for (; i < words.size(); ++i) {
    const auto equals = words[i].text.find('=');
    if (equals == std::string::npos) {
      step.words.push_back(words[i]);
      continue;
    }
    const auto key = words[i].text.substr(0, equals);
    const Step::Word value{words[i].text.substr(equals + 1), words[i].column + equals + 1};
    if (!step.settings.emplace(key, value).second) {
      return std::unexpected(
          Problem{line, words[i].column, "the setting '" + key + "' is given twice"});
    }
  }
  const auto* verb = find_verb(step.verb.text);
  if (verb == nullptr) {
    return std::unexpected(Problem{line, step.verb.column,
                                   "unknown verb '" + step.verb.text + "'; did you mean '" +
                                       nearest(step.verb.text, verb_names()) + "'?"});
  }
  if (step.background && !verb->may_run_in_background) {
    return std::unexpected(
        Problem{line, words[0].column, "'" + step.verb.text + "' can't run in the background"});
  }
  if (auto fine = check_words(step, *verb); !fine) return std::unexpected(fine.error());
  if (auto fine = check_settings(step, *verb); !fine) return std::unexpected(fine.error());
  return step;
}

Problem wrong_value(const Step& step, const std::string& key, const std::string& expected) {
  const auto& value = step.settings.at(key);
  return {step.line, value.column, key + "=" + value.text + ": expected " + expected};
}

/// A setting read by `read`, which gives nothing for a value of the wrong form.
template <class T, class Read>
Parsed<T> read_setting(const Step& step, const std::string& key, T otherwise, Read read,
                       const std::string& expected) {
  const auto found = step.settings.find(key);
  if (found == step.settings.end()) return otherwise;
  if (auto value = read(found->second.text)) return *value;
  return std::unexpected(wrong_value(step, key, expected));
}

}  // namespace

std::string Problem::at(std::string_view file) const {
  return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
         text;
}

std::string nearest(std::string_view text, const std::vector<std::string>& known) {
  return *std::ranges::min_element(
      known, {}, [&](const std::string& name) { return edits_between(text, name); });
}

Parsed<Scenario> parse(std::string_view text) {
  Scenario scenario;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (scenario.has_transcript) {
      scenario.transcript.emplace_back(line);
      continue;
    }
    if (line == "----") {
      scenario.has_transcript = true;
      continue;
    }
    if (line.starts_with('#') && scenario.title.empty() && scenario.steps.empty()) {
      scenario.title =
          std::string(line.substr(std::min(line.find_first_not_of("# "), line.size())));
    }
    auto words = words_of(line);
    join_roles(words);
    if (words.empty()) continue;
    auto step = step_of(number, std::move(words));
    if (!step) return std::unexpected(step.error());
    if (step->verb.text == "cluster" && !scenario.steps.empty()) {
      return std::unexpected(Problem{number, 1, "'cluster' must be the first step, and only once"});
    }
    scenario.steps.push_back(std::move(*step));
  }
  return scenario;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto unit_at = text.find_first_not_of("0123456789");
  if (unit_at == 0 || unit_at == std::string_view::npos) return std::nullopt;
  const auto number = parse_count(text.substr(0, unit_at));
  const auto unit = text.substr(unit_at);
  if (!number || *number > 1'000'000'000) return std::nullopt;
  Duration one{0};
  if (unit == "us") one = microseconds(1);
  if (unit == "ms") one = milliseconds(1);
  if (unit == "s") one = seconds(1);
  if (unit == "m") one = std::chrono::minutes(1);
  if (unit == "h") one = std::chrono::hours(1);
  if (unit == "d") one = std::chrono::hours(24);
  if (one == Duration{0} || *number > Duration::max() / one) return std::nullopt;
  return negative ? -(*number * one) : *number * one;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t unit = 1;
  for (const auto& [suffix, bytes] : {std::pair<std::string_view, std::int64_t>{"KiB", 1 << 10},
                                      {"MiB", 1 << 20},
                                      {"GiB", 1 << 30}}) {
    if (!text.ends_with(suffix)) continue;
    unit = bytes;
    text.remove_suffix(suffix.size());
  }
  const auto number = parse_count(text);
  if (!number || *number < 0 || *number > (1ll << 62) / unit) return std::nullopt;
  return *number * unit;
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> list;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at) list.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

Parsed<std::int64_t> Settings::count(const std::string& key, std::int64_t otherwise) const {
  return read_setting(step_, key, otherwise, parse_count, "a whole number");
}

Parsed<Duration> Settings::duration(const std::string& key, Duration otherwise) const {
  return read_setting(step_, key, otherwise, parse_duration,
                      "a duration such as 250ms, 5s, 2m or 1h");
}

Parsed<std::int64_t> Settings::size(const std::string& key, std::int64_t otherwise) const {
  return read_setting(step_, key, otherwise, parse_size, "a size such as 100, 16KiB or 1MiB");
}

Parsed<bool> Settings::flag(const std::string& key, bool otherwise) const {
  auto read = [](const std::string& text) -> std::optional<bool> {
    if (text == "true" || text == "on") return true;
    if (text == "false" || text == "off") return false;
    return std::nullopt;
  };
  return read_setting(step_, key, otherwise, read, "true or false");
}

Parsed<std::string> Settings::choice(const std::string& key, const std::string& otherwise,
                                     const std::vector<std::string>& allowed) const {
  std::string expected = "one of";
  for (const auto& name : allowed) expected += " " + name;
  auto read = [&](const std::string& text) -> std::optional<std::string> {
    if (std::ranges::find(allowed, text) == allowed.end()) return std::nullopt;
    return text;
  };
  return read_setting(step_, key, otherwise, read, expected);
}

std::vector<std::string> Settings::list(const std::string& key,
                                        const std::string& otherwise) const {
  return parse_list(text(key).value_or(otherwise));
}

std::optional<std::string> Settings::text(const std::string& key) const {
  const auto found = step_.settings.find(key);
  if (found == step_.settings.end()) return std::nullopt;
  return found->second.text;
}

}  // namespace trialog::scenarios
