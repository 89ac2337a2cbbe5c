#include <algorithm>

#include "core/base/check.h"
#include "core/node/options.h"

namespace trialog::node {

namespace {

using metadata::broker_value;
using metadata::ConfigScope;
using metadata::find_setting;
using metadata::list_value;
using metadata::Settings;

/// The value that holds for the topic and is right; the default otherwise.
std::string sound_value(std::string_view name, const Settings& topic, const Settings& broker) {
  const auto* setting = find_setting(ConfigScope::topic, name);
  CHECK(setting != nullptr);
  const auto value = metadata::topic_value(name, topic, broker);
  if (value && metadata::value_problem(*setting, *value).empty()) return *value;
  return std::string(setting->default_value.value_or(""));
}

}  // namespace

TopicOptions topic_options(const Settings& topic, const Settings& broker) {
  const auto text = [&](std::string_view name) { return sound_value(name, topic, broker); };
  const auto number = [&](std::string_view name) {
    return metadata::integer_value(text(name)).value_or(0);
  };
  const auto number32 = [&](std::string_view name) {
    return static_cast<std::int32_t>(number(name));
  };
  TopicOptions options;
  options.log.segment_bytes = number("segment.bytes");
  options.log.segment_ms = number("segment.ms");
  options.log.segment_index_bytes = number("segment.index.bytes");
  options.log.index_interval_bytes = number("index.interval.bytes");
  options.log.retention_ms = number("retention.ms");
  options.log.retention_bytes = number("retention.bytes");
  options.log.file_delete_delay_ms = number("file.delete.delay.ms");
  const auto expiration = broker_value("producer.id.expiration.ms", broker).value_or("");
  options.log.producer_id_expiration_ms =
      metadata::integer_value(expiration).value_or(options.log.producer_id_expiration_ms);
  options.log.deletes = std::ranges::count(list_value(text("cleanup.policy")), "delete") > 0;
  options.log.durability =
      text("durability") == "page-cache" ? log::Durability::page_cache : log::Durability::fsync;
  options.max_message_bytes = number32("max.message.bytes");
  options.compression_type = text("compression.type");
  options.gzip_level = number32("compression.gzip.level");
  options.lz4_level = number32("compression.lz4.level");
  options.zstd_level = number32("compression.zstd.level");
  options.timestamp_type = text("message.timestamp.type") == "LogAppendTime"
                               ? TopicOptions::TimestampType::log_append_time
                               : TopicOptions::TimestampType::create_time;
  options.timestamp_before_max_ms = number("message.timestamp.before.max.ms");
  options.timestamp_after_max_ms = number("message.timestamp.after.max.ms");
  options.min_insync_replicas = number32("min.insync.replicas");
  return options;
}

}  // namespace trialog::node
