#include "core/broker/topic_settings.h"

#include <algorithm>

namespace trialog::broker {
namespace {

void choose_codec(const node::TopicOptions& topic, records::Rules& rules) {
  const auto choose = [&](records::Codec codec, std::optional<int> level) {
    rules.codec = codec;
    rules.level = level;
  };
  if (topic.compression_type == "uncompressed") choose(records::Codec::none, std::nullopt);
  if (topic.compression_type == "gzip") choose(records::Codec::gzip, topic.gzip_level);
  if (topic.compression_type == "snappy") choose(records::Codec::snappy, std::nullopt);
  if (topic.compression_type == "lz4") choose(records::Codec::lz4, topic.lz4_level);
  if (topic.compression_type == "zstd") choose(records::Codec::zstd, topic.zstd_level);
}

bool is_compacted(const metadata::Settings& topic, const metadata::Settings& broker) {
  const auto policies =
      metadata::list_value(metadata::topic_value("cleanup.policy", topic, broker).value_or(""));
  return std::ranges::find(policies, "compact") != policies.end();
}

records::Rules rules_of(const node::TopicOptions& topic) {
  records::Rules rules;
  rules.max_message_bytes = topic.max_message_bytes;
  rules.segment_bytes = topic.log.segment_bytes;
  rules.append_time = topic.timestamp_type == node::TopicOptions::TimestampType::log_append_time;
  rules.timestamp_before_max_ms = topic.timestamp_before_max_ms;
  rules.timestamp_after_max_ms = topic.timestamp_after_max_ms;
  choose_codec(topic, rules);
  return rules;
}

}  // namespace

const TopicFacts& TopicSettings::of(const std::shared_ptr<const metadata::Image>& image,
                                    const metadata::Topic& topic) {
  if (image_ != image) {
    image_ = image;
    broker_ = image->broker_settings(options_.id, options_.settings);
    known_.clear();
  }
  const auto found = known_.find(topic.id);
  if (found != known_.end()) return found->second;
  const metadata::Resource resource{metadata::ResourceType::topic, topic.name};
  const auto& own = image->settings(resource);
  TopicFacts facts;
  facts.options = node::topic_options(own, broker_);
  facts.rules = rules_of(facts.options);
  facts.rules.compacted = is_compacted(own, broker_);
  return known_.emplace(topic.id, std::move(facts)).first->second;
}

}  // namespace trialog::broker
