#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "scenarios/runner/scenario.h"
#include "scenarios/runner/verbs.h"

namespace trialog::scenarios {
namespace {

std::string problem_of(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "" : parsed.error().at("x.scenario");
}

TEST(Parser, ReadsAStory) {
  const auto parsed = parse(
      "# A broker dies.\n"
      "cluster seed=7 log.segment.bytes=4096\n"
      "topic orders partitions=3\n"
      "background produce orders/1 records=100  # with a comment\n"
      "\n"
      "cut client from 1\n"
      "----\n"
      "100 acknowledged\n");
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(parsed->title, "A broker dies.");
  ASSERT_EQ(parsed->steps.size(), 4u);
  EXPECT_EQ(parsed->steps[0].settings.at("log.segment.bytes").text, "4096");
  EXPECT_TRUE(parsed->steps[2].background);
  EXPECT_EQ(parsed->steps[2].words.at(0).text, "orders/1");
  EXPECT_EQ(parsed->steps[3].words.size(), 3u);
  EXPECT_EQ(parsed->transcript, std::vector<std::string>{"100 acknowledged"});
}

TEST(Parser, NamesTheNearestVerbAtItsPlace) {
  EXPECT_EQ(problem_of("topic a\n  prodce a\n"),
            "x.scenario:2:3: unknown verb 'prodce'; did you mean 'produce'?");
}

TEST(Parser, NamesTheNearestSetting) {
  EXPECT_EQ(problem_of("produce a recods=5"),
            "x.scenario:1:11: 'produce' has no setting 'recods'; did you mean 'records'?");
}

TEST(Parser, CountsTheWordsOfAVerb) {
  EXPECT_EQ(problem_of("crash"), "x.scenario:1:1: 'crash' takes WHO, found 0 words");
  EXPECT_EQ(problem_of("crash 1 2"), "x.scenario:1:9: 'crash' takes WHO, found 2 words");
}

TEST(Parser, RefusesASettingGivenTwice) {
  EXPECT_EQ(problem_of("produce a acks=1 acks=all"),
            "x.scenario:1:18: the setting 'acks' is given twice");
}

TEST(Parser, RefusesWhatCannotRunInTheBackground) {
  EXPECT_EQ(problem_of("background crash 1"),
            "x.scenario:1:1: 'crash' can't run in the background");
  EXPECT_EQ(problem_of("background"), "x.scenario:1:1: 'background' wants a verb behind it");
}

TEST(Parser, WantsTheClusterFirst) {
  EXPECT_EQ(problem_of("topic a\ncluster"),
            "x.scenario:2:1: 'cluster' must be the first step, and only once");
}

TEST(Parser, ReadsARoleAsOneWord) {
  const auto parsed =
      parse("cut leader of orders/0 from follower(orders/0),client\ncrash controller");
  ASSERT_TRUE(parsed) << parsed.error().text;
  ASSERT_EQ(parsed->steps[0].words.size(), 3u);
  EXPECT_EQ(parsed->steps[0].words[0].text, "leader(orders/0)");
  EXPECT_EQ(parsed->steps[0].words[2].text, "follower(orders/0),client");
  EXPECT_EQ(parsed->steps[1].words[0].text, "controller");
}

TEST(Parser, ReadsDurationsAndSizes) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("-1h"), -std::chrono::hours(1));
  EXPECT_EQ(parse_duration("+3d"), std::chrono::hours(72));
  for (const auto* bad : {"", "5", "s", "5x", "99999999999s", "1.5s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_EQ(parse_size("16KiB"), 16384);
  for (const auto* bad : {"", "-1", "KiB", "9999999999999999GiB"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Parser, SaysWhichFormASettingShouldHave) {
  const auto parsed = parse("produce a records=many linger=5 idempotence=perhaps acks=2");
  ASSERT_TRUE(parsed);
  const Settings settings(parsed->steps[0]);
  EXPECT_EQ(settings.count("records", 1).error().at("x"),
            "x:1:19: records=many: expected a whole number");
  EXPECT_EQ(settings.duration("linger", seconds(1)).error().text,
            "linger=5: expected a duration such as 250ms, 5s, 2m or 1h");
  EXPECT_EQ(settings.flag("idempotence", true).error().text,
            "idempotence=perhaps: expected true or false");
  EXPECT_EQ(settings.choice("acks", "all", {"all", "0", "1"}).error().text,
            "acks=2: expected one of all 0 1");
  EXPECT_EQ(settings.count("keys", 42).value(), 42);
}

TEST(Language, PageNamesEachVerbAndEachOfItsSettings) {
  std::ifstream file(std::string(TRIALOG_SOURCE_DIR) + "/scenarios/language.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const auto& verb : verbs()) {
    EXPECT_NE(page.str().find("`" + std::string(verb.name)), std::string::npos) << verb.name;
    for (const auto& setting : verb.settings) {
      EXPECT_NE(page.str().find("`" + setting), std::string::npos) << verb.name << " " << setting;
    }
  }
}

}  // namespace
}  // namespace trialog::scenarios
