#include <gtest/gtest.h>

#include <regex>

#include "tests/tidy/source.h"

namespace trialog::tidy {
namespace {

struct Ban {
  std::regex word;
  std::string text;
  std::string why;
};

std::vector<Ban> bans() {
  std::vector<Ban> list;
  for (const auto& rule : rules("banned.txt")) {
    const auto tab = rule.find('\t');
    list.push_back({std::regex(rule.substr(0, tab)), rule.substr(0, tab), rule.substr(tab + 1)});
  }
  return list;
}

std::vector<std::string> banned_in(const Source& source) {
  static const auto list = bans();
  std::vector<std::string> found;
  const auto code = code_only(source.lines);
  for (std::size_t i = 0; i < code.size(); ++i) {
    for (const auto& ban : list) {
      if (!std::regex_search(code[i], ban.word)) continue;
      found.push_back(source.path + ":" + std::to_string(i + 1) + " uses " + ban.text + ": " +
                      ban.why);
    }
  }
  return found;
}

TEST(Words, TheWorldComesIntoCoreThroughEnvOnly) {
  for (const auto& source : sources({"core"})) {
    for (const auto& problem : banned_in(source)) ADD_FAILURE() << problem;
  }
}

TEST(Words, EachBanBites) {
  const Source sinner{
      "core/sinner.cc",
      {"auto t = std::chrono::steady_clock::now();", "std::random_device seed;", "int r = rand();",
       "getenv(\"HOME\");", "std::thread t;", "std::mutex m;", "std::atomic<int> a;",
       "std::unordered_map<int, int> m;", "std::uniform_int_distribution<int> d;",
       "std::hash<int> h;", "#include <iostream>", "#include <boost/asio.hpp>",
       "#include <gtest/gtest.h>"}};
  EXPECT_EQ(banned_in(sinner).size(), sinner.lines.size());
  const Source saint{"core/saint.cc", {"// std::mutex", "say(\"std::thread\");", "/* rand() */"}};
  EXPECT_TRUE(banned_in(saint).empty());
}

/// The `co_await` trap of g++ 12 (double free): braces or a lambda inside the parentheses that
/// follow a `co_await`, and a structured binding of one.
std::vector<std::string> traps_in(const Source& source) {
  std::vector<std::string> found;
  std::string all;
  std::vector<std::size_t> line_of;
  const auto code = code_only(source.lines);
  for (std::size_t i = 0; i < code.size(); ++i) {
    for (char c : code[i]) all += c, line_of.push_back(i + 1);
    all += '\n', line_of.push_back(i + 1);
  }
  auto report = [&](std::size_t at, const char* what) {
    found.push_back(source.path + ":" + std::to_string(line_of[at]) + " " + what);
  };
  for (auto at = all.find("co_await"); at != std::string::npos; at = all.find("co_await", at + 1)) {
    int depth = 0;
    for (std::size_t i = at; i < all.size() && all[i] != ';'; ++i) {
      if (all[i] == '(') ++depth;
      if (all[i] == ')' && --depth < 0) break;
      if (all[i] == '{' && depth > 0) report(i, "has a brace inside an awaited call");
      if (all[i] == '{') break;
    }
    const auto statement = all.find_last_of(";{}", at);
    const auto head = all.substr(statement + 1, at - statement - 1);
    if (std::regex_search(head, std::regex(R"(auto\s*&{0,2}\s*\[)"))) {
      report(at, "binds the parts of an awaited value");
    }
  }
  return found;
}

TEST(Words, CoAwaitStandsAlone) {
  for (const auto& source : sources({"core", "sim", "real", "scenarios", "tests"})) {
    for (const auto& problem : traps_in(source)) ADD_FAILURE() << problem;
  }
}

TEST(Words, TheCoAwaitTrapIsSeen) {
  EXPECT_EQ(traps_in({"a.cc", {"auto r = co_await f({1, 2});"}}).size(), 1u);
  EXPECT_EQ(traps_in({"a.cc", {"auto r = co_await f(Topic{1},", "  2);"}}).size(), 1u);
  EXPECT_EQ(traps_in({"a.cc", {"auto r = co_await f([&] { return 1; });"}}).size(), 1u);
  EXPECT_EQ(traps_in({"a.cc", {"auto [a, b] = co_await f();"}}).size(), 1u);
  EXPECT_TRUE(traps_in({"a.cc", {"if (co_await f(x)) {", "  g({1});", "}"}}).empty());
  EXPECT_TRUE(traps_in({"a.cc", {"while (auto x = co_await f()) {"}}).empty());
}

TEST(Words, LinesAndFilesKeepTheirSize) {
  for (const auto& source : sources({"core", "sim", "real", "scenarios", "viz", "tests"})) {
    EXPECT_LE(source.lines.size(), 500u) << source.path << " asks to be cut";
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      std::size_t width = 0;
      for (char c : source.lines[i]) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      EXPECT_LE(width, 100u) << source.path << ":" << i + 1;
    }
  }
}

}  // namespace
}  // namespace trialog::tidy
