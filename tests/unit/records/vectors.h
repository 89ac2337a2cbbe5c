#pragma once

#include <string>
#include <vector>

namespace trialog::records::test {

/// A line of Kafka's record vectors: what its own classes wrote, and as JSON what is in it.
struct Vector {
  std::string json;
  std::string hex;
};

/// The vectors of a kind ("batch", "control", "murmur2", "group"); empty without Kafka's data.
std::vector<Vector> vectors(const std::string& kind);

}  // namespace trialog::records::test
