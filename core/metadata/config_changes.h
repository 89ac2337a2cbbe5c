#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/metadata/image.h"

namespace trialog::metadata {

/// Why a part of a request is refused, as its response says it. No text where Kafka gives none.
struct Refusal {
  ErrorCode code = ErrorCode::none;
  std::optional<std::string> text;
};

/// One change of a setting: incremental ones with Kafka's numbers; the legacy request only sets.
struct ConfigChange {
  enum class Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };
  std::string name;
  Operation operation = Operation::set;
  std::optional<std::string> value;
};

/// Why a topic can't have these settings, or nothing.
std::optional<Refusal> topic_settings_refusal(const Settings& settings);

/// The records that bring a resource's settings from `now` to `then`. A broker's settings are
/// written down even if they do not change: that tells the broker to read its files again.
std::vector<protocol::ConfigRecord> config_records(const Resource& resource, const Settings& now,
                                                   const std::vector<std::string>& named,
                                                   const Settings& then);

/// What a resource's settings become by incremental changes.
std::expected<Settings, Refusal> changed_settings(const Resource& resource, const Settings& now,
                                                  const std::vector<ConfigChange>& changes);

/// Why a resource can't be changed so, or nothing: a resource of another kind or that is not there,
/// a setting named twice or without a value, and settings that don't fit.
std::optional<Refusal> change_refusal(const Image& image, const Resource& resource,
                                      const std::vector<ConfigChange>& changes);
std::optional<Refusal> settings_refusal(const Resource& resource,
                                        const std::vector<ConfigChange>& changes,
                                        const Settings& then);

}  // namespace trialog::metadata
