#include "tests/unit/records/vectors.h"

#include <fstream>
#include <sstream>

namespace trialog::records::test {

std::vector<Vector> vectors(const std::string& kind) {
  std::vector<Vector> found;
  std::ifstream file(TRIALOG_KAFKA_DATA "/vectors/records.tsv");
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string its_kind;
    Vector vector;
    std::getline(columns, its_kind, '\t');
    std::getline(columns, vector.json, '\t');
    std::getline(columns, vector.hex, '\t');
    if (its_kind == kind) found.push_back(vector);
  }
  return found;
}

}  // namespace trialog::records::test
