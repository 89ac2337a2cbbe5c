#pragma once

#include <string>
#include <string_view>

namespace trialog::protocol {

/// "topicId" for "TopicId".
inline std::string json_name(std::string_view field) {
  std::string name(field);
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] += 'a' - 'A';
  return name;
}

}  // namespace trialog::protocol
