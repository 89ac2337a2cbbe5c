#pragma once

#include <string>
#include <vector>

namespace trialog::scenarios {

/// One broken promise: the anomaly's name as Jepsen has it (its failure signature), and one line
/// that says where and how.
struct Violation {
  std::string anomaly;
  std::string detail;
};

using Violations = std::vector<Violation>;

}  // namespace trialog::scenarios
