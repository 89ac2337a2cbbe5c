#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trialog::scenarios {

/// One verb of the language: how many plain words it takes, which settings, and what it means. The
/// parser checks against this table, and scenarios/language.md is checked to name each.
struct Verb {
  std::string_view name;
  std::string_view words;  // How the words read, for messages: "TOPIC", "A from B", "".
  std::size_t min_words;
  std::size_t max_words;
  std::vector<std::string> settings;
  bool any_setting;  // Settings by their Kafka names pass.
  bool may_run_in_background;
};

const std::vector<Verb>& verbs();
/// Null if there is none of that name.
const Verb* find_verb(std::string_view name);

}  // namespace trialog::scenarios
