#include "tests/tidy/source.h"

#include <algorithm>
#include <fstream>

namespace trialog::tidy {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Where the scanner stands between two characters.
enum class Inside { code, line_comment, block_comment, text, character, raw_text };

class Blanker {
 public:
  std::string blank(const std::string& line) {
    if (inside_ == Inside::line_comment) inside_ = Inside::code;
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) out += next(line, i);
    return out;
  }

 private:
  char next(const std::string& line, std::size_t& i) {
    const auto two = line.substr(i, 2);
    switch (inside_) {
      case Inside::code:
        return in_code(line, i, two);
      case Inside::block_comment:
        if (two == "*/") inside_ = Inside::code, ++i;
        return ' ';
      case Inside::text:
      case Inside::character:
        if (line[i] == '\\') return ++i, ' ';
        if (line[i] == (inside_ == Inside::text ? '"' : '\'')) inside_ = Inside::code;
        return ' ';
      case Inside::raw_text:
        if (two == ")\"") inside_ = Inside::code, ++i;
        return ' ';
      case Inside::line_comment:
        return ' ';
    }
    return ' ';
  }

  char in_code(const std::string& line, std::size_t& i, const std::string& two) {
    if (two == "//") return inside_ = Inside::line_comment, ' ';
    if (two == "/*") return inside_ = Inside::block_comment, ' ';
    if (line.substr(i, 3) == "R\"(") return inside_ = Inside::raw_text, i += 2, ' ';
    if (line[i] == '"' && line.find("#include") == std::string::npos) inside_ = Inside::text;
    const bool digit_separator = i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1]));
    if (line[i] == '\'' && !digit_separator) inside_ = Inside::character;
    return inside_ == Inside::code ? line[i] : ' ';
  }

  Inside inside_ = Inside::code;
};

}  // namespace

std::vector<Source> sources(const std::vector<std::string>& folders) {
  const fs::path root(TRIALOG_SOURCE_DIR);
  std::vector<Source> found;
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      found.push_back({fs::relative(entry.path(), root).string(), lines_of(entry.path())});
    }
  }
  std::ranges::sort(found, {}, &Source::path);
  return found;
}

std::vector<std::string> code_only(const std::vector<std::string>& lines) {
  Blanker blanker;
  std::vector<std::string> code;
  for (const auto& line : lines) code.push_back(blanker.blank(line));
  return code;
}

std::vector<std::string> rules(const std::string& name) {
  std::vector<std::string> kept;
  for (auto& line : lines_of(fs::path(TRIALOG_SOURCE_DIR) / "tests/tidy" / name)) {
    if (!line.empty() && line.front() != '#') kept.push_back(line);
    if (line.starts_with("#include")) kept.push_back(line);
  }
  return kept;
}

}  // namespace trialog::tidy
