#include "core/metadata/features.h"

#include <algorithm>

namespace trialog::metadata {
namespace {

// Clusters of KRaft can be upgraded from metadata.version 7 (3.3-IV3) on; 30 is 4.3-IV0.
constexpr Feature features[] = {
    {eligible_leader_replicas, 0, 1, 1}, {"group.version", 0, 1},
    {metadata_version, 7, 30, 30},       {"share.version", 0, 2},
    {"streams.version", 0, 1},           {"transaction.version", 0, 2},
};

}  // namespace

std::span<const Feature> supported_features() { return features; }

const Feature* supported_feature(std::string_view name) {
  const auto found = std::ranges::find(features, name, &Feature::name);
  return found == std::end(features) ? nullptr : &*found;
}

}  // namespace trialog::metadata
