#include <fmt/format.h>

#include <set>

#include "core/metadata/controller.h"
#include "core/metadata/features.h"

namespace trialog::metadata {
namespace {

using Update = protocol::UpdateFeaturesRequest::FeatureUpdateKey;

enum class UpgradeType : std::int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

/// Version 0 has a flag instead.
UpgradeType type_of(const Update& update) {
  if (update.allow_downgrade) return UpgradeType::safe_downgrade;
  return static_cast<UpgradeType>(update.upgrade_type);
}

/// Why a node that has these ranges can't live with the level, or empty.
std::string unsupported(std::string_view who, NodeId id, std::string_view name, std::int16_t level,
                        const std::vector<FeatureRange>& ranges) {
  const auto found = std::ranges::find(ranges, name, &FeatureRange::name);
  if (found == ranges.end()) {
    return level == 0 ? "" : fmt::format("{} {} does not support this feature.", who, id.value);
  }
  if (level == 0 || (found->min <= level && level <= found->max)) return {};
  return fmt::format("{} {} only supports versions {}-{}", who, id.value, found->min, found->max);
}

std::string reason_not_supported(const Image& image, NodeId self, std::string_view name,
                                 std::int16_t level) {
  const auto* own = supported_feature(name);
  std::vector<FeatureRange> ranges;
  if (own) ranges.push_back({std::string(name), own->min, own->max});
  if (!own && level == 0)
    return fmt::format("Local controller {} does not support this feature.", self.value);
  auto reason = unsupported("Local controller", self, name, level, ranges);
  for (const auto& [id, broker] : image.brokers()) {
    if (reason.empty()) reason = unsupported("Broker", id, name, level, broker.features);
  }
  for (const auto& [id, controller] : image.controllers()) {
    if (reason.empty()) reason = unsupported("Controller", id, name, level, controller.features);
  }
  return reason;
}

std::string problem(const Image& image, NodeId self, const Update& update) {
  const auto level = update.max_version_level;
  const auto now = image.feature(update.feature);
  const auto type = type_of(update);
  if (type != UpgradeType::upgrade && type != UpgradeType::safe_downgrade &&
      type != UpgradeType::unsafe_downgrade) {
    return "The controller does not support the given upgrade type.";
  }
  if (level < 0) return "A feature version cannot be less than 0.";
  if (auto reason = reason_not_supported(image, self, update.feature, level); !reason.empty()) {
    return reason;
  }
  if (level < now && type == UpgradeType::upgrade) {
    return "Can't downgrade the version of this feature without setting the upgrade type to "
           "either safe or unsafe downgrade.";
  }
  if (level > now && type != UpgradeType::upgrade) return "Can't downgrade to a newer version.";
  if (update.feature != metadata_version || level >= now) return {};
  return type == UpgradeType::unsafe_downgrade
             ? "Unsafe metadata downgrade is not supported in this version."
             : "Refusing to perform the requested downgrade because it might delete metadata "
               "information.";
}

std::string text_of(const Update& update, std::string_view reason) {
  if (update.feature == metadata_version) {
    return fmt::format("Invalid metadata.version {}. {}", update.max_version_level, reason);
  }
  return fmt::format("Invalid update version {} for feature {}. {}", update.max_version_level,
                     update.feature, reason);
}

}  // namespace

void Controller::set_feature(const Update& update, std::vector<Record>& records) const {
  if (image_.feature(update.feature) == update.max_version_level) return;
  protocol::FeatureLevelRecord record;
  record.name = update.feature;
  record.feature_level = update.max_version_level;
  records.emplace_back(std::move(record));
  if (update.feature != eligible_leader_replicas) return;
  if (update.max_version_level > 0) return pin_min_isr(records);
  clear_eligible({ResourceType::broker, ""}, records);  // They would not be kept up any more.
}

Controller::Decision Controller::update_features(Instant, Ticket ticket,
                                                 const protocol::UpdateFeaturesRequest& request) {
  protocol::UpdateFeaturesResponse response;
  response.error_message = std::nullopt;
  Decision decision;
  std::set<std::string_view> seen;
  std::string failed;
  for (const auto& update : request.feature_updates) {
    auto& result = response.results.emplace_back();
    result.feature = update.feature;
    result.error_message = std::nullopt;
    auto reason = problem(image_, options_.self, update);
    if (!seen.insert(update.feature).second) reason = "The feature is named more than once.";
    if (reason.empty()) {
      set_feature(update, decision.records);
      continue;
    }
    result.error_code = ErrorCode::invalid_update_version;
    result.error_message = text_of(update, reason);
    if (failed.empty()) failed = *result.error_message;
  }
  if (!failed.empty()) {
    response.error_code = ErrorCode::invalid_update_version;
    response.error_message =
        "The update failed for all features since the following feature had an error: " + failed;
  }
  // All of them, or none.
  if (!failed.empty() || request.validate_only) decision.records.clear();
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
