#include "core/metadata/config_table.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/edits.h"
#include "core/metadata/config_row.h"

namespace trialog::metadata {

namespace {

/// How a topic's setting hangs on the broker's: `times` turns the broker's unit into the topic's.
struct Synonym {
  std::string_view topic;
  std::string_view broker;
  std::int64_t times = 1;
};

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_hour = 3'600'000;

// Of one topic setting, the strongest first.
constexpr Synonym synonyms[] = {
    {"cleanup.policy", "log.cleanup.policy"},
    {"compression.gzip.level", "compression.gzip.level"},
    {"compression.lz4.level", "compression.lz4.level"},
    {"compression.type", "compression.type"},
    {"compression.zstd.level", "compression.zstd.level"},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms"},
    {"durability", "durability"},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms"},
    {"flush.messages", "log.flush.interval.messages"},
    {"flush.ms", "log.flush.interval.ms"},
    {"flush.ms", "log.flush.scheduler.interval.ms"},
    {"index.interval.bytes", "log.index.interval.bytes"},
    {"local.retention.bytes", "log.local.retention.bytes"},
    {"local.retention.ms", "log.local.retention.ms"},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"max.message.bytes", "message.max.bytes"},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"},
    {"message.timestamp.type", "log.message.timestamp.type"},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"},
    {"min.insync.replicas", "min.insync.replicas"},
    {"preallocate", "log.preallocate"},
    {"retention.bytes", "log.retention.bytes"},
    {"retention.ms", "log.retention.ms"},
    {"retention.ms", "log.retention.minutes", ms_per_minute},
    {"retention.ms", "log.retention.hours", ms_per_hour},
    {"segment.bytes", "log.segment.bytes"},
    {"segment.index.bytes", "log.index.size.max.bytes"},
    {"segment.jitter.ms", "log.roll.jitter.ms"},
    {"segment.jitter.ms", "log.roll.jitter.hours", ms_per_hour},
    {"segment.ms", "log.roll.ms"},
    {"segment.ms", "log.roll.hours", ms_per_hour},
    {"unclean.leader.election.enable", "unclean.leader.election.enable"},
};

/// A broker's value in the topic's unit. Negative is no limit in every unit.
std::string converted(const std::string& value, std::int64_t times) {
  const auto number = integer_value(value);
  if (times == 1 || !number) return value;
  return std::to_string(*number < 0 ? -1 : *number * times);
}

}  // namespace

std::span<const Setting> settings(ConfigScope scope) {
  switch (scope) {
    case ConfigScope::broker:
      return rows::broker();
    case ConfigScope::topic:
      return rows::topic();
    case ConfigScope::group:
      return rows::group();
  }
  return {};
}

const Setting* find_setting(ConfigScope scope, std::string_view name) {
  const auto all = settings(scope);
  const auto found = std::ranges::lower_bound(all, name, {}, &Setting::name);
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string_view nearest_setting(ConfigScope scope, std::string_view name) {
  const auto all = settings(scope);
  // No known name is longer than 80 characters, so the rest of a longer one can't matter.
  const auto head = name.substr(0, 80);
  const auto nearest = std::ranges::min_element(
      all, {}, [&](const Setting& setting) { return edits_between(head, setting.name); });
  CHECK(nearest != all.end());
  return nearest->name;
}

std::string documentation(const Setting& setting) {
  if (setting.used) return std::string(setting.about);
  constexpr std::string_view no_effect =
      "Known to Kafka; Trialog keeps the value but does not use it.";
  if (setting.about.empty()) return std::string(no_effect);
  return std::string(setting.about) + " " + std::string(no_effect);
}

std::vector<std::string_view> broker_synonyms(std::string_view topic_setting) {
  std::vector<std::string_view> names;
  for (const auto& synonym : synonyms) {
    if (synonym.topic == topic_setting) names.push_back(synonym.broker);
  }
  return names;
}

std::optional<std::string> topic_value(std::string_view topic_setting, const Settings& topic,
                                       const Settings& broker) {
  if (const auto own = topic.find(topic_setting); own != topic.end()) return own->second;
  for (const auto& synonym : synonyms) {
    if (synonym.topic != topic_setting) continue;
    const auto given = broker.find(synonym.broker);
    if (given != broker.end()) return converted(given->second, synonym.times);
  }
  const auto* setting = find_setting(ConfigScope::topic, topic_setting);
  CHECK(setting != nullptr);
  if (!setting->default_value) return std::nullopt;
  return std::string(*setting->default_value);
}

std::optional<std::string> broker_value(std::string_view name, const Settings& broker) {
  if (const auto given = broker.find(name); given != broker.end()) return given->second;
  const auto* setting = find_setting(ConfigScope::broker, name);
  CHECK(setting != nullptr);
  if (!setting->default_value) return std::nullopt;
  return std::string(*setting->default_value);
}

}  // namespace trialog::metadata
