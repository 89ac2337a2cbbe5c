#include "core/base/topic.h"

namespace trialog {

std::string topic_name_problem(std::string_view name) {
  const std::string invalid = "Topic name is invalid: ";
  if (name.empty()) return invalid + "the empty string is not allowed";
  const auto quoted = "'" + std::string(name) + "'";
  if (name == "." || name == "..") return invalid + quoted + " is not allowed";
  if (name.size() > 249) {
    return invalid + "the length of " + quoted + " is longer than the max allowed length 249";
  }
  for (char c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    if (!fine) {
      return invalid + quoted +
             " contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
    }
  }
  return {};
}

}  // namespace trialog
