#include "core/metadata/config_changes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/base/topic.h"

namespace trialog::metadata {
namespace {

using Operation = ConfigChange::Operation;

Refusal invalid_request(std::string text) { return {ErrorCode::invalid_request, std::move(text)}; }
Refusal invalid_config(std::string text) { return {ErrorCode::invalid_config, std::move(text)}; }

ConfigScope scope_of(const Resource& resource) {
  return resource.type == ResourceType::topic ? ConfigScope::topic : ConfigScope::broker;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// A list after elements were put to it or taken from it. Starts from the default if it is not set.
std::string changed_list(const Setting& setting, const Settings& now, const ConfigChange& change) {
  const auto found = now.find(change.name);
  auto parts = found != now.end() ? split(found->second)
                                  : split(setting.default_value.value_or(std::string_view()));
  for (const auto& part : split(change.value.value_or(""))) {
    const auto at = std::ranges::find(parts, part);
    if (change.operation == Operation::append && at == parts.end()) parts.push_back(part);
    if (change.operation == Operation::subtract && at != parts.end()) parts.erase(at);
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

std::optional<Refusal> topic_refusal(const Image& image, const std::string& name) {
  if (name.empty()) return invalid_request("Default topic resources are not allowed.");
  if (auto problem = topic_name_problem(name); !problem.empty()) {
    return Refusal{ErrorCode::invalid_topic_exception, std::move(problem)};
  }
  if (!image.topic(name)) {
    return Refusal{ErrorCode::unknown_topic_or_partition,
                   fmt::format("The topic '{}' does not exist.", name)};
  }
  return std::nullopt;
}

/// Any number will do: the settings may be there before the broker is.
std::optional<Refusal> broker_refusal(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto id = integer_value(name);
  if (!id) return invalid_request("Unable to parse broker name as a base 10 number.");
  if (*id < 0) return invalid_request("Invalid negative broker ID.");
  return std::nullopt;
}

/// Of the settings that may change at run time, those that Kafka lets nobody set for all brokers.
bool is_per_broker(std::string_view name) {
  return name.starts_with("ssl.") || name.starts_with("sasl.") || name == "listeners" ||
         name == "listener.security.protocol.map" || name == "principal.builder.class";
}

std::optional<Refusal> broker_settings_refusal(const Resource& resource,
                                               const std::vector<ConfigChange>& changes,
                                               const Settings& then) {
  std::set<std::string> fixed, per_broker;
  for (const auto& change : changes) {
    const auto* setting = find_setting(ConfigScope::broker, change.name);
    if (setting && setting->update == ConfigUpdate::read_only) fixed.insert(change.name);
    if (setting && is_per_broker(change.name)) per_broker.insert(change.name);
  }
  if (!fixed.empty()) {
    return invalid_request(
        fmt::format("Cannot update these configs dynamically: [{}]", fmt::join(fixed, ", ")));
  }
  if (resource.name.empty() && !per_broker.empty()) {
    return invalid_request(
        fmt::format("Cannot update these configs at default cluster level, broker id must be "
                    "specified: [{}]",
                    fmt::join(per_broker, ", ")));
  }
  for (const auto& [name, value] : then) {
    const auto* setting = find_setting(ConfigScope::broker, name);
    if (!setting) continue;  // Kafka keeps what it does not know, for plugins.
    if (auto problem = value_problem(*setting, value); !problem.empty()) {
      return invalid_request(std::move(problem));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> topic_settings_refusal(const Settings& settings) {
  for (const auto& [name, value] : settings) {
    const auto* setting = find_setting(ConfigScope::topic, name);
    if (!setting) return invalid_config("Unknown topic config name: " + name);
    if (auto problem = value_problem(*setting, value); !problem.empty()) {
      return invalid_config(std::move(problem));
    }
  }
  if (boolean_value(topic_value("remote.storage.enable", settings, {}).value_or("")) == true) {
    return invalid_config(
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with "
        "remote log storage.");
  }
  const auto least = topic_value("min.compaction.lag.ms", settings, {});
  const auto most = topic_value("max.compaction.lag.ms", settings, {});
  if (integer_value(least.value_or("0")) > integer_value(most.value_or("0"))) {
    return invalid_config(
        fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                    "max.compaction.lag.ms ({})",
                    *least, *most));
  }
  return std::nullopt;
}

std::vector<protocol::ConfigRecord> config_records(const Resource& resource, const Settings& now,
                                                   const std::vector<std::string>& named,
                                                   const Settings& then) {
  std::set<std::string> names(named.begin(), named.end());
  for (const auto* settings : {&now, &then}) {
    for (const auto& [name, value] : *settings) names.insert(name);
  }
  std::vector<protocol::ConfigRecord> records;
  for (const auto& name : names) {
    const auto before = now.find(name);
    const auto after = then.find(name);
    const bool was = before != now.end(), is = after != then.end();
    const bool same = was == is && (!was || before->second == after->second);
    const bool repeat = resource.type == ResourceType::broker && std::ranges::count(named, name);
    if (same && !repeat) continue;
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(resource.type);
    record.resource_name = resource.name;
    record.name = name;
    record.value = is ? std::optional(after->second) : std::nullopt;
    records.push_back(std::move(record));
  }
  return records;
}

std::expected<Settings, Refusal> changed_settings(const Resource& resource, const Settings& now,
                                                  const std::vector<ConfigChange>& changes) {
  Settings then = now;
  for (const auto& change : changes) {
    switch (change.operation) {
      case Operation::set:
        then.insert_or_assign(change.name, change.value.value_or(""));
        continue;
      case Operation::remove:
        then.erase(change.name);
        continue;
      case Operation::append:
      case Operation::subtract:
        break;
    }
    const auto* setting = find_setting(scope_of(resource), change.name);
    if (!setting || setting->type != ConfigType::list) {
      const auto* verb = change.operation == Operation::append ? "APPEND" : "SUBTRACT";
      return std::unexpected(invalid_config(
          fmt::format("Can't {} to key {} because its type is not LIST.", verb, change.name)));
    }
    then.insert_or_assign(change.name, changed_list(*setting, now, change));
  }
  return then;
}

std::optional<Refusal> change_refusal(const Image& image, const Resource& resource,
                                      const std::vector<ConfigChange>& changes) {
  std::set<std::string> names;
  std::vector<std::string> without_value;
  for (const auto& change : changes) {
    if (!names.insert(change.name).second) {
      return invalid_request("Error due to duplicate config keys");
    }
    const auto number = static_cast<int>(change.operation);
    if (number < 0 || number > static_cast<int>(Operation::subtract)) {
      return invalid_request(fmt::format("Unknown operations type {}", number));
    }
    if (change.operation != Operation::remove && !change.value) {
      without_value.push_back(change.name);
    }
  }
  if (!without_value.empty()) {
    return invalid_request(
        fmt::format("Null value not supported for : {}", fmt::join(without_value, ", ")));
  }
  if (resource.type == ResourceType::topic) return topic_refusal(image, resource.name);
  if (resource.type == ResourceType::broker) return broker_refusal(resource.name);
  return invalid_request(fmt::format("Unknown resource type {}", static_cast<int>(resource.type)));
}

std::optional<Refusal> settings_refusal(const Resource& resource,
                                        const std::vector<ConfigChange>& changes,
                                        const Settings& then) {
  return resource.type == ResourceType::topic ? topic_settings_refusal(then)
                                              : broker_settings_refusal(resource, changes, then);
}

}  // namespace trialog::metadata
