#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace trialog::metadata {

/// A feature of the cluster, and the levels of it that we can live with, both inclusive.
struct Feature {
  std::string_view name;
  std::int16_t min = 0;
  std::int16_t max = 0;
  /// The level that a new cluster begins with; 0 for none.
  std::int16_t initial = 0;
};

inline constexpr std::string_view metadata_version = "metadata.version";
inline constexpr std::string_view eligible_leader_replicas = "eligible.leader.replicas.version";

/// Kafka 4.3's features, in order of name: what our brokers and controllers register, and what
/// ApiVersions tells as supported. `kraft.version` is not among them: the quorum keeps it.
std::span<const Feature> supported_features();
/// Null for one that we do not know.
const Feature* supported_feature(std::string_view name);

}  // namespace trialog::metadata
