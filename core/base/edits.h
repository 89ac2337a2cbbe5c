#pragma once

#include <cstddef>
#include <string_view>

namespace trialog {

/// The least number of characters to put in, take out or replace to make one text of the other
/// (Levenshtein): for "did you mean".
std::size_t edits_between(std::string_view a, std::string_view b);

}  // namespace trialog
