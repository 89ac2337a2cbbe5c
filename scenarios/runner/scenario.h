#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace trialog::scenarios {

/// One line of a scenario: a verb, its plain words, and its `key=value` settings.
struct Step {
  struct Word {
    std::string text;
    std::size_t column = 1;
  };

  std::size_t line = 0;
  bool background = false;  // "background produce …": the story goes on meanwhile.
  Word verb;
  std::vector<Word> words;
  std::map<std::string, Word> settings;
};

/// A story of failure as it stands in a file (scenarios/language.md): steps in order, and below
/// "----" the transcript that the run is expected to give.
struct Scenario {
  std::string title;  // The first comment, which tells the story.
  std::vector<Step> steps;
  std::vector<std::string> transcript;
  bool has_transcript = false;
};

/// What is wrong with a scenario, where, and what was expected there.
struct Problem {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string text;
  /// "x.scenario:3:9: …".
  std::string at(std::string_view file) const;
};

template <class T>
using Parsed = std::expected<T, Problem>;

/// Reads a scenario and checks each step against the verbs of the language: unknown verbs, words
/// and settings are refused with the nearest known one named.
Parsed<Scenario> parse(std::string_view text);

/// Typed access to the settings of one step; every getter reports a value of the wrong form with
/// its place.
class Settings {
 public:
  explicit Settings(const Step& step) : step_(step) {}

  Parsed<std::int64_t> count(const std::string& key, std::int64_t otherwise) const;
  /// "250ms", "5s", "2m", "1h", "3d", with an optional sign.
  Parsed<Duration> duration(const std::string& key, Duration otherwise) const;
  /// "100", "16KiB", "1MiB".
  Parsed<std::int64_t> size(const std::string& key, std::int64_t otherwise) const;
  Parsed<bool> flag(const std::string& key, bool otherwise) const;
  /// One of `allowed`.
  Parsed<std::string> choice(const std::string& key, const std::string& otherwise,
                             const std::vector<std::string>& allowed) const;
  std::optional<std::string> text(const std::string& key) const;
  /// "a,b,c".
  std::vector<std::string> list(const std::string& key, const std::string& otherwise) const;

 private:
  const Step& step_;
};

/// The forms above, for words that are not settings.
std::optional<Duration> parse_duration(std::string_view text);
std::optional<std::int64_t> parse_size(std::string_view text);
std::optional<std::int64_t> parse_count(std::string_view text);
std::vector<std::string> parse_list(std::string_view text);

/// The one of `known` that is nearest to `text` by edit distance.
std::string nearest(std::string_view text, const std::vector<std::string>& known);

}  // namespace trialog::scenarios
