#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

#include "tests/tidy/source.h"

namespace trialog::tidy {
namespace {

/// For each folder of tests/tidy/layers.txt, the folders or headers it may include.
std::map<std::string, std::vector<std::string>> permissions() {
  std::map<std::string, std::vector<std::string>> allowed;
  for (const auto& rule : rules("layers.txt")) {
    const auto colon = rule.find(':');
    const auto folder = rule.substr(0, colon);
    auto& list = allowed[folder];
    list.push_back(folder);
    std::istringstream rest(rule.substr(colon + 1));
    for (std::string other; rest >> other;) list.push_back(other);
  }
  return allowed;
}

/// The rule's folder that holds `path`: the longest one.
std::string folder_of(const std::map<std::string, std::vector<std::string>>& allowed,
                      const std::string& path) {
  std::string best;
  for (const auto& [folder, list] : allowed) {
    if (path.starts_with(folder + "/") && folder.size() > best.size()) best = folder;
  }
  return best;
}

TEST(Layers, EveryIncludeOfOurOwnIsPermitted) {
  const auto allowed = permissions();
  const std::regex include("^#include \"([^\"]+)\"");
  std::size_t checked = 0;
  for (const auto& source : sources({"core", "sim", "real", "scenarios", "viz"})) {
    const auto folder = folder_of(allowed, source.path);
    ASSERT_FALSE(folder.empty()) << source.path << " lies in no folder of layers.txt";
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const auto header = match[1].str();
      const auto& list = allowed.at(folder);
      const bool fine = std::ranges::any_of(list, [&](const std::string& other) {
        return header == other || header.starts_with(other + "/");
      });
      EXPECT_TRUE(fine) << source.path << " must not include " << header;
      ++checked;
    }
  }
  EXPECT_GT(checked, 50u);
}

TEST(Layers, SimAndRealNeverMeet) {
  const auto allowed = permissions();
  for (const auto& other : allowed.at("sim")) EXPECT_FALSE(other.starts_with("real"));
  for (const auto& other : allowed.at("real")) EXPECT_FALSE(other.starts_with("sim"));
}

}  // namespace
}  // namespace trialog::tidy
