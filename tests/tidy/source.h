#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace trialog::tidy {

/// One source file of the project, as text and by line.
struct Source {
  std::string path;  // From the root of the project.
  std::vector<std::string> lines;
};

/// Every .h and .cc below the given folders of the project, in order of path.
std::vector<Source> sources(const std::vector<std::string>& folders);
/// The text with comments, strings and character literals blanked out, line by line.
std::vector<std::string> code_only(const std::vector<std::string>& lines);
/// Lines of a rule file of tests/tidy, without comments and empty lines.
std::vector<std::string> rules(const std::string& name);

}  // namespace trialog::tidy
