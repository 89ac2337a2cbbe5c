#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/tidy/source.h"

namespace trialog::tidy {
namespace {

namespace fs = std::filesystem;

TEST(House, TheTopLevelHoldsTheAgreedNamesOnly) {
  const std::set<std::string> agreed{"CMakeLists.txt", "core", "sim",  "real",     "scenarios",
                                     "tests",          "viz",  "docs", "README.md"};
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(TRIALOG_SOURCE_DIR)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(".") && name != "build") found.insert(name);
  }
  EXPECT_EQ(found, agreed);
}

TEST(House, NoUnfinishedWorkIsMarkedAsSuch) {
  const std::string words[] = {std::string("TO") + "DO", std::string("FIX") + "ME",
                               std::string("not imple") + "mented"};
  for (const auto& source : sources({"core", "sim", "real", "scenarios", "viz", "tests"})) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      for (const auto& word : words) {
        EXPECT_EQ(source.lines[i].find(word), std::string::npos) << source.path << ":" << i + 1;
      }
    }
  }
}

TEST(House, HeadersBeginWithPragmaOnce) {
  for (const auto& source : sources({"core", "sim", "real", "scenarios", "viz", "tests"})) {
    if (!source.path.ends_with(".h")) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_EQ(source.lines.front(), "#pragma once") << source.path;
  }
}

}  // namespace
}  // namespace trialog::tidy
