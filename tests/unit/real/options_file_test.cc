#include "real/options_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace trialog::real {
namespace {

namespace fs = std::filesystem;

metadata::Settings settings_in(std::string_view text) {
  const auto parsed = parse_properties(text);
  EXPECT_TRUE(parsed.has_value()) << parsed.error();
  return parsed ? parsed->settings : metadata::Settings();
}

std::string error_in(std::string_view text) {
  const auto parsed = parse_properties(text);
  EXPECT_FALSE(parsed.has_value());
  return parsed ? "" : parsed.error();
}

TEST(OptionsFile, TakesEachOfJavasSeparators) {
  const metadata::Settings expected{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4 5"}, {"e", ""}};
  EXPECT_EQ(settings_in("a=1\nb: 2\nc 3\n  d\t = 4 5  \ne="), expected);
  EXPECT_EQ(settings_in("a=1\r\nb:2\rc 3\nd = 4 5\ne ="), expected);
}

TEST(OptionsFile, TheValueMayHoldSeparators) {
  const metadata::Settings expected{{"listeners", "PLAINTEXT://:9092,CONTROLLER://[::1]:9093"}};
  EXPECT_EQ(settings_in("listeners=PLAINTEXT://:9092,CONTROLLER://[::1]:9093"), expected);
}

TEST(OptionsFile, LeavesOutCommentsAndBlankLines) {
  const metadata::Settings expected{{"a", "1#2"}};
  EXPECT_EQ(settings_in("# first\n\n   \t\n  ! second \\\na=1#2\n#a=3"), expected);
  EXPECT_TRUE(settings_in("").empty());
}

TEST(OptionsFile, PutsContinuedLinesTogether) {
  const metadata::Settings expected{{"list", "a,b,c"}, {"path", "x\\"}, {"z", "1"}};
  EXPECT_EQ(settings_in("list=a,\\\n   b,\\\r\n\tc\npath=x\\\\\nz=1\\"), expected);
}

TEST(OptionsFile, ReadsEscapes) {
  const metadata::Settings expected{{"a b=c:d", "tab\tline\nend"},
                                    {"u", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}};
  EXPECT_EQ(settings_in("a\\ b\\=c\\:d = tab\\tline\\nend\nu=\\u00e9\\u20AC\\ud83d\\ude00"),
            expected);
  EXPECT_EQ(settings_in("\xef\xbb\xbf"
                        "bom=1")["bom"],
            "1");
}

TEST(OptionsFile, TheLastOfOneNameCountsAndIsWarnedOf) {
  const auto parsed = parse_properties("a=1\nb=2\na=3\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->settings.at("a"), "3");
  ASSERT_EQ(parsed->warnings.size(), 1u);
  EXPECT_EQ(parsed->warnings[0], "line 3: a was given before; this one counts");
}

TEST(OptionsFile, NamesTheLineThatIsWrong) {
  EXPECT_EQ(error_in("a=1\n\n# x\nb=\\u12g4\n"),
            "line 4: \\u must be followed by four hexadecimal digits");
  EXPECT_TRUE(error_in("a=\\u12").starts_with("line 1: \\u"));
  EXPECT_TRUE(error_in("a=\\ud83d").starts_with("line 1: \\u"));
  EXPECT_TRUE(error_in("a=\\ude00").starts_with("line 1: \\u"));
  EXPECT_EQ(error_in("a=1\n=2"), "line 2: there is no name before the value");
  EXPECT_EQ(error_in("a=1,\\\n2\nlisteners"), "line 3: there is no value behind listeners");
  EXPECT_TRUE(error_in(std::string_view("a=1\0", 4)).starts_with("line 1: holds a zero byte"));
}

TEST(OptionsFile, AnOverrideIsVerbatimBehindItsFirstEqualsSign) {
  metadata::Settings settings{{"a", "1"}};
  EXPECT_TRUE(add_override(settings, "a=2=3:4\\t").has_value());
  EXPECT_TRUE(add_override(settings, " b = 5 ").has_value());
  EXPECT_TRUE(add_override(settings, "c=").has_value());
  const metadata::Settings expected{{"a", "2=3:4\\t"}, {"b", "5"}, {"c", ""}};
  EXPECT_EQ(settings, expected);
  EXPECT_EQ(add_override(settings, "a").error(), "\"a\" is not name=value");
  EXPECT_EQ(add_override(settings, "=1").error(), "\"=1\" is not name=value");
  EXPECT_EQ(settings, expected);
}

class OptionsFileOnDisk : public testing::Test {
 protected:
  OptionsFileOnDisk() {
    std::string name = (fs::temp_directory_path() / "trialog-real-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) directory_ = name;
  }
  ~OptionsFileOnDisk() override { fs::remove_all(directory_); }
  std::string file(std::string_view text) {
    const auto path = directory_ / "server.properties";
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  fs::path directory_;
};

TEST_F(OptionsFileOnDisk, IsRead) {
  const auto read = read_properties(file("node.id=1\nnode.id=2\n"));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->settings.at("node.id"), "2");
  EXPECT_TRUE(read->warnings.at(0).find("server.properties: line 2: ") != std::string::npos);
}

TEST_F(OptionsFileOnDisk, ErrorsNameTheFile) {
  const auto wrong = file("ok=1\n=2");
  EXPECT_EQ(read_properties(wrong).error(), wrong + ": line 2: there is no name before the value");
  const auto missing = (directory_ / "missing").string();
  EXPECT_EQ(read_properties(missing).error(), missing + ": No such file or directory");
  EXPECT_EQ(read_properties(directory_.string()).error(), directory_.string() + ": is a directory");
  const auto large = file(std::string((1u << 20) + 1, '#'));
  EXPECT_TRUE(read_properties(large).error().starts_with(large + ": is longer than 1 MiB"));
}

}  // namespace
}  // namespace trialog::real
