#include "core/metadata/config_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace trialog::metadata {
namespace {

const Setting& setting(ConfigScope scope, std::string_view name) {
  const auto* found = find_setting(scope, name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

std::string broker_problem(std::string_view name, std::string_view value) {
  return value_problem(setting(ConfigScope::broker, name), value);
}
std::string topic_problem(std::string_view name, std::string_view value) {
  return value_problem(setting(ConfigScope::topic, name), value);
}

std::string_view kafkas_name(ConfigType type) {
  constexpr std::string_view names[] = {"BOOLEAN", "SHORT", "INT",      "LONG",  "DOUBLE",
                                        "LIST",    "CLASS", "PASSWORD", "STRING"};
  return names[static_cast<int>(type)];
}

constexpr std::pair<ConfigScope, std::string_view> scopes[] = {
    {ConfigScope::broker, "broker"}, {ConfigScope::topic, "topic"}, {ConfigScope::group, "group"}};

/// A setting as a line of Kafka's own list has it.
std::string line_of(std::string_view scope, const Setting& of) {
  std::string line(scope);
  const std::string default_value =
      of.required ? "(required)" : std::string(of.default_value.value_or("null"));
  std::string update = of.update == ConfigUpdate::dynamic ? "dynamic" : "read-only";
  if (scope != "broker") update.clear();
  for (const auto& part : {std::string(of.name), std::string(kafkas_name(of.type)), default_value,
                           std::string(of.valid), update}) {
    line += '\t' + part;
  }
  return line;
}

TEST(ConfigTable, EqualsKafkasOwnList) {
  std::ifstream file(std::string(TRIALOG_KAFKA_DATA) + "/configs.tsv");
  if (!file) GTEST_SKIP() << "Kafka's data is not there";
  std::vector<std::string> theirs;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) theirs.push_back(line);
  }
  std::vector<std::string> ours;
  for (const auto& [scope, name] : scopes) {
    for (const auto& each : settings(scope)) {
      if (!each.own) ours.push_back(line_of(name, each));
    }
  }
  std::ranges::sort(theirs);
  std::ranges::sort(ours);
  EXPECT_EQ(ours, theirs);
}

TEST(ConfigTable, IsInOrderAndItsDefaultsAreAllowed) {
  for (const auto& [scope, name] : scopes) {
    const auto all = settings(scope);
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &Setting::name));
    for (const auto& each : all) {
      EXPECT_EQ(find_setting(scope, each.name), &each);
      if (!each.default_value) continue;
      EXPECT_EQ(value_problem(each, *each.default_value), "");
    }
  }
}

TEST(ConfigTable, KnowsWhatItDoesNotKnow) {
  EXPECT_EQ(find_setting(ConfigScope::broker, "num.partition"), nullptr);
  EXPECT_EQ(find_setting(ConfigScope::broker, "retention.ms"), nullptr);
  EXPECT_EQ(find_setting(ConfigScope::topic, "num.partitions"), nullptr);
  EXPECT_EQ(find_setting(ConfigScope::group, ""), nullptr);
}

TEST(ConfigTable, SuggestsTheNearestName) {
  EXPECT_EQ(nearest_setting(ConfigScope::broker, "num.partition"), "num.partitions");
  EXPECT_EQ(nearest_setting(ConfigScope::broker, "log.retention.mss"), "log.retention.ms");
  EXPECT_EQ(nearest_setting(ConfigScope::broker, "auto.create.topic.enable"),
            "auto.create.topics.enable");
  EXPECT_EQ(nearest_setting(ConfigScope::topic, "retention-ms"), "retention.ms");
  EXPECT_FALSE(nearest_setting(ConfigScope::broker, std::string(1u << 20, 'x')).empty());
}

TEST(ConfigTable, ChecksNumbers) {
  EXPECT_EQ(broker_problem("num.partitions", " 12 "), "");
  EXPECT_EQ(broker_problem("num.partitions", "+3"), "");
  for (const auto* value : {"", "abc", "1.5", "0x10", "2147483648", "1 2", "+-1", "-"}) {
    EXPECT_EQ(broker_problem("num.partitions", value),
              std::string("Invalid value ") + value +
                  " for configuration num.partitions: Not a number of type INT");
  }
  EXPECT_EQ(broker_problem("num.partitions", "0"),
            "Invalid value 0 for configuration num.partitions: Value must be at least 1");
  EXPECT_EQ(topic_problem("retention.ms", "9223372036854775807"), "");
  EXPECT_EQ(topic_problem("retention.ms", "-1"), "");
  EXPECT_EQ(topic_problem("retention.ms", "-2"),
            "Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(topic_problem("retention.ms", "9223372036854775808"),
            "Invalid value 9223372036854775808 for configuration retention.ms: Not a number of "
            "type LONG");
  EXPECT_EQ(broker_problem("offsets.topic.replication.factor", "40000"),
            "Invalid value 40000 for configuration offsets.topic.replication.factor: Not a number "
            "of type SHORT");
}

TEST(ConfigTable, ChecksBounds) {
  EXPECT_EQ(topic_problem("compression.lz4.level", "17"), "");
  EXPECT_EQ(topic_problem("compression.lz4.level", "18"),
            "Invalid value 18 for configuration compression.lz4.level: Value must be no more than "
            "17");
  EXPECT_EQ(topic_problem("compression.gzip.level", "-1"), "");
  EXPECT_EQ(topic_problem("compression.gzip.level", "9"), "");
  EXPECT_EQ(topic_problem("compression.gzip.level", "0"),
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 "
            "and 9 or equal to -1");
  EXPECT_EQ(topic_problem("min.cleanable.dirty.ratio", "0.25"), "");
  EXPECT_EQ(topic_problem("min.cleanable.dirty.ratio", "1.01"),
            "Invalid value 1.01 for configuration min.cleanable.dirty.ratio: Value must be no more "
            "than 1");
  EXPECT_EQ(topic_problem("min.cleanable.dirty.ratio", "x"),
            "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type "
            "DOUBLE");
}

TEST(ConfigTable, ChecksWords) {
  EXPECT_EQ(broker_problem("auto.create.topics.enable", " TRUE"), "");
  EXPECT_EQ(broker_problem("auto.create.topics.enable", "yes"),
            "Invalid value yes for configuration auto.create.topics.enable: Expected value to be "
            "either true or false");
  EXPECT_EQ(topic_problem("compression.type", "lz4"), "");
  EXPECT_EQ(topic_problem("compression.type", "brotli"),
            "Invalid value brotli for configuration compression.type: String must be one of: "
            "uncompressed, zstd, lz4, snappy, gzip, producer");
  EXPECT_EQ(broker_problem("group.consumer.migration.policy", "Upgrade"), "");
  EXPECT_EQ(broker_problem("group.consumer.migration.policy", "up"),
            "Invalid value up for configuration group.consumer.migration.policy: String must be "
            "one of (case insensitive): DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL");
  EXPECT_EQ(topic_problem("durability", "page-cache"), "");
  EXPECT_EQ(broker_problem("durability", "none"),
            "Invalid value none for configuration durability: String must be one of: fsync, "
            "page-cache");
  const auto& reset = setting(ConfigScope::group, "share.auto.offset.reset");
  EXPECT_EQ(value_problem(reset, "by_duration:PT1H"), "");
  EXPECT_NE(value_problem(reset, "by_duration:1h"), "");
}

TEST(ConfigTable, ChecksLists) {
  EXPECT_EQ(topic_problem("cleanup.policy", "compact, delete"), "");
  EXPECT_EQ(topic_problem("cleanup.policy", "compact,shred"),
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, "
            "delete");
  EXPECT_EQ(topic_problem("cleanup.policy", "delete,delete"),
            "Configuration 'cleanup.policy' values must not be duplicated.");
  EXPECT_EQ(topic_problem("leader.replication.throttled.replicas", "0:1,1:2"), "");
  EXPECT_EQ(topic_problem("leader.replication.throttled.replicas", "*"), "");
  EXPECT_NE(topic_problem("leader.replication.throttled.replicas", "0"), "");
}

TEST(ConfigTable, ATopicsValueComesFromTheNearestPlace) {
  EXPECT_EQ(topic_value("retention.ms", {}, {}), "604800000");
  Settings broker{{"log.retention.hours", "2"}};
  EXPECT_EQ(topic_value("retention.ms", {}, broker), "7200000");
  broker["log.retention.minutes"] = "3";
  EXPECT_EQ(topic_value("retention.ms", {}, broker), "180000");
  broker["log.retention.ms"] = "4";
  EXPECT_EQ(topic_value("retention.ms", {}, broker), "4");
  EXPECT_EQ(topic_value("retention.ms", {{"retention.ms", "5"}}, broker), "5");
  EXPECT_EQ(topic_value("retention.ms", {}, {{"log.retention.hours", "-1"}}), "-1");
  EXPECT_EQ(topic_value("segment.ms", {}, {{"log.roll.hours", "1"}}), "3600000");
  EXPECT_EQ(topic_value("max.message.bytes", {}, {{"message.max.bytes", "99"}}), "99");
}

TEST(ConfigTable, SaysInASentenceWhatASettingDoes) {
  for (const auto& [scope, name] : scopes) {
    for (const auto& each : settings(scope)) {
      const bool needs_text = each.used || scope == ConfigScope::topic;
      EXPECT_EQ(each.about.empty(), !needs_text) << name << " " << each.name;
      EXPECT_TRUE(documentation(each).ends_with(".")) << each.name;
      EXPECT_EQ(documentation(each).contains("does not use it"), !each.used) << each.name;
      const bool in_ms = needs_text && each.name.ends_with(".ms");
      EXPECT_TRUE(!in_ms || each.about.contains("in milliseconds")) << each.name;
    }
  }
}

TEST(ConfigTable, SynonymsAreKnownSettings) {
  for (const auto& each : settings(ConfigScope::topic)) {
    for (const auto& name : broker_synonyms(each.name)) {
      EXPECT_NE(find_setting(ConfigScope::broker, name), nullptr) << name;
    }
  }
  const std::vector<std::string_view> retention{"log.retention.ms", "log.retention.minutes",
                                                "log.retention.hours"};
  EXPECT_EQ(broker_synonyms("retention.ms"), retention);
}

}  // namespace
}  // namespace trialog::metadata
