#include "core/node/options.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "real/options_file.h"

namespace trialog::node {
namespace {

using metadata::Settings;

Settings least() { return {{"node.id", "1"}}; }

Settings with(Settings settings, std::string name, std::string value) {
  settings.insert_or_assign(std::move(name), std::move(value));
  return settings;
}

Options good(const Settings& settings) {
  auto parsed = parse(settings, false);
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
  return parsed.options.value_or(Options());
}

/// The one thing that is wrong with the least settings and this one.
std::string problem_with(const std::string& name, const std::string& value) {
  const auto parsed = parse(with(least(), name, value), false);
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.problems.size(), 1u);
  return parsed.problems.empty() ? "" : parsed.problems.front();
}

bool remarks(const Parsed& parsed, Level level, std::string_view text) {
  return std::ranges::any_of(parsed.remarks, [&](const Remark& remark) {
    return remark.level == level && remark.text.find(text) != std::string::npos;
  });
}

TEST(Options, DefaultsAreKafkas) {
  const auto options = good(least());
  EXPECT_EQ(options.id, NodeId(1));
  ASSERT_EQ(options.listeners.size(), 1u);
  EXPECT_EQ(options.listeners[0].name, "PLAINTEXT");
  EXPECT_EQ(options.listeners[0].at, Endpoint("", 9092));
  EXPECT_EQ(options.log_dirs.size(), 1u);
  EXPECT_EQ(options.metadata_log_dir, options.log_dirs[0]);
  EXPECT_TRUE(options.auto_create_topics);
  EXPECT_EQ(options.num_partitions, 1);
  EXPECT_EQ(options.fetch_max_bytes, 57671680);
  EXPECT_EQ(options.socket_request_max_bytes, 104857600);
  EXPECT_EQ(options.connections_max_idle, milliseconds(600000));
  EXPECT_EQ(options.retention_check_interval, milliseconds(300000));
}

// What a script that starts Kafka in combined mode writes for one broker.
constexpr std::string_view combined = R"(process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:19093
listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093
advertised.listeners=PLAINTEXT://127.0.0.1:19092
controller.listener.names=CONTROLLER
log.dirs=data/one
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
group.initial.rebalance.delay.ms=0
)";

TEST(Options, AFileForKafkasCombinedModeStartsUnchanged) {
  const auto file = real::parse_properties(combined);
  ASSERT_TRUE(file.has_value());
  const auto parsed = parse(file->settings, false);
  ASSERT_TRUE(parsed.options.has_value()) << parsed.problems.front();
  ASSERT_EQ(parsed.options->listeners.size(), 1u);
  EXPECT_EQ(parsed.options->listeners[0].at, Endpoint("127.0.0.1", 19092));
  EXPECT_EQ(parsed.options->log_dirs, std::vector<Disk::Path>{"data/one"});
  ASSERT_EQ(parsed.options->controller_listeners.size(), 1u);
  EXPECT_EQ(parsed.options->controller_listeners[0].at, Endpoint("127.0.0.1", 19093));
  EXPECT_TRUE(parsed.options->stands_alone());
  EXPECT_TRUE(remarks(parsed, Level::warn, "transaction.state.log.min.isr"));
  EXPECT_FALSE(remarks(parsed, Level::warn, "log.dirs"));
}

TEST(Options, TheFileThatKafkaShipsStartsUnchanged) {
  // Kafka 4's config/server.properties, comments left out.
  const auto file = real::parse_properties(R"(process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=kraft-combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
)");
  ASSERT_TRUE(file.has_value());
  const auto options = good(file->settings);
  ASSERT_EQ(options.advertised.size(), 1u);
  EXPECT_EQ(options.advertised[0].at, Endpoint("localhost", 9092));
  ASSERT_EQ(options.controller_advertised.size(), 1u);
  EXPECT_EQ(options.controller_advertised[0].at, Endpoint("localhost", 9093));
  EXPECT_EQ(options.quorum_bootstrap, std::vector<Endpoint>{Endpoint("localhost", 9093)});
  EXPECT_TRUE(options.stands_alone());
}

TEST(Options, AKeyThatKafkaDoesNotKnowIsRefusedWithTheNearest) {
  EXPECT_EQ(problem_with("num.partition", "3"),
            "Kafka has no setting num.partition; did you mean num.partitions?");
  EXPECT_EQ(problem_with("retention.ms", "3"),
            "Kafka has no setting retention.ms for a broker, only for a topic; the broker's "
            "default for it is log.retention.ms");
  const auto lenient = parse(with(least(), "num.partition", "3"), true);
  EXPECT_TRUE(lenient.options.has_value());
  EXPECT_TRUE(remarks(lenient, Level::warn, "did you mean num.partitions?"));
}

TEST(Options, AKeyThatKafkaKnowsAndWeDoNotUseIsNamed) {
  for (const auto* name : {"num.io.threads", "listener.name.plaintext.num.network.threads",
                           "unstable.api.versions.enable"}) {
    const auto value = std::string(name).find("threads") != std::string::npos ? "4" : "true";
    const auto parsed = parse(with(least(), name, value), false);
    EXPECT_TRUE(parsed.options.has_value());
    EXPECT_TRUE(remarks(parsed, Level::warn, name));
  }
}

TEST(Options, ABadValueSaysWhatWouldBeRight) {
  EXPECT_EQ(problem_with("num.partitions", "many"),
            "Invalid value many for configuration num.partitions: Not a number of type INT");
  EXPECT_EQ(problem_with("num.io.threads", "0"),
            "Invalid value 0 for configuration num.io.threads: Value must be at least 1");
  EXPECT_EQ(problem_with("durability", "maybe"),
            "Invalid value maybe for configuration durability: String must be one of: fsync, "
            "page-cache");
}

TEST(Options, WhatKafkaWouldOnlyRejectLaterIsRefusedAtTheStart) {
  EXPECT_EQ(problem_with("default.replication.factor", "0"),
            "default.replication.factor must be at least 1");
}

TEST(Options, EveryProblemIsNamedAtOnce) {
  const auto parsed = parse({{"num.partitions", "x"}, {"node.id", "-3"}, {"lisners", "y"}}, false);
  EXPECT_EQ(parsed.problems.size(), 3u);
}

TEST(Options, ANodeNeedsItsNumber) {
  EXPECT_TRUE(parse({}, false).problems.at(0).starts_with("node.id is missing"));
  EXPECT_EQ(good({{"broker.id", "7"}}).id, NodeId(7));
  EXPECT_TRUE(problem_with("broker.id", "2").starts_with("You must set `node.id`"));
}

TEST(Options, ListenersAreRead) {
  const auto options =
      good({{"node.id", "1"},
            {"listeners", "plaintext://[::1]:0, OUTSIDE://h:9"},
            {"advertised.listeners", "OUTSIDE://example.org:99"},
            {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT"}});
  ASSERT_EQ(options.listeners.size(), 2u);
  EXPECT_EQ(options.listeners[0].at, Endpoint("::1", 0));
  EXPECT_EQ(options.advertised[0].at, Endpoint("::1", 0));
  EXPECT_EQ(options.advertised[1].name, "OUTSIDE");
  EXPECT_EQ(options.advertised[1].at, Endpoint("example.org", 99));
}

TEST(Options, ListenersThatCannotBeAreRefused) {
  for (const auto* wrong : {"PLAINTEXT", "PLAINTEXT://h", "://h:1", "PLAINTEXT://h:x",
                            "PLAINTEXT://h:70000", "h:9092", "PLAINTEXT://h:-1"}) {
    EXPECT_EQ(problem_with("listeners", wrong),
              std::string("listeners holds \"") + wrong + "\", which is not NAME://host:port");
  }
  EXPECT_TRUE(problem_with("listeners", "SSL://h:1").find("PLAINTEXT is the only") !=
              std::string::npos);
  EXPECT_TRUE(problem_with("listeners", "SASL_PLAINTEXT://h:1").find("SASL_PLAINTEXT") !=
              std::string::npos);
  EXPECT_EQ(problem_with("listeners", "INSIDE://h:1"),
            "the listener INSIDE has no security protocol: add INSIDE:PLAINTEXT to "
            "listener.security.protocol.map");
  EXPECT_EQ(problem_with("listeners", "PLAINTEXT://h:1,PLAINTEXT://h:2"),
            "listeners holds PLAINTEXT twice");
  EXPECT_TRUE(problem_with("listeners", "").starts_with("listeners names no listener"));
  EXPECT_TRUE(problem_with("listeners", "PLAINTEXT://0.0.0.0:9092")
                  .starts_with("advertised.listeners cannot use the nonroutable"));
  EXPECT_EQ(problem_with("advertised.listeners", "OTHER://h:1"),
            "advertised.listeners names OTHER, which listeners does not");
  EXPECT_EQ(problem_with("inter.broker.listener.name", "OTHER"),
            "inter.broker.listener.name is OTHER, which listeners does not name. The valid options "
            "based on currently configured listeners are PLAINTEXT");
  EXPECT_TRUE(problem_with("security.inter.broker.protocol", "SSL").starts_with("security.inter"));
}

TEST(Options, DirectoriesAreRead) {
  const auto options = good(with(with(least(), "log.dirs", "a, b"), "metadata.log.dir", "c"));
  EXPECT_EQ(options.log_dirs, (std::vector<Disk::Path>{"a", "b"}));
  EXPECT_EQ(options.metadata_log_dir, "c");
  EXPECT_EQ(good(with(least(), "log.dir", "d")).log_dirs, std::vector<Disk::Path>{"d"});
  EXPECT_EQ(problem_with("log.dirs", "a, a"),
            "Configuration 'log.dirs' values must not be duplicated.");
  EXPECT_EQ(problem_with("log.dirs", ""),
            "At least one log directory must be defined via log.dirs or log.dir.");
}

TEST(Options, ATopicTakesTheBrokersDefaultsAndItsOwnSettings) {
  const Settings broker{{"log.segment.bytes", "2097152"},
                        {"log.retention.hours", "1"},
                        {"durability", "page-cache"},
                        {"log.message.timestamp.type", "LogAppendTime"}};
  const auto plain = topic_options({}, broker);
  EXPECT_EQ(plain.log.segment_bytes, 2097152);
  EXPECT_EQ(plain.log.retention_ms, 3600000);
  EXPECT_EQ(plain.log.durability, log::Durability::page_cache);
  EXPECT_EQ(plain.timestamp_type, TopicOptions::TimestampType::log_append_time);
  EXPECT_TRUE(plain.log.deletes);
  const auto own = topic_options({{"durability", "fsync"},
                                  {"cleanup.policy", "compact"},
                                  {"retention.ms", "-1"},
                                  {"max.message.bytes", "100"}},
                                 broker);
  EXPECT_EQ(own.log.durability, log::Durability::fsync);
  EXPECT_FALSE(own.log.deletes);
  EXPECT_EQ(own.log.retention_ms, -1);
  EXPECT_EQ(own.max_message_bytes, 100);
}

TEST(Options, TopicDefaultsAreThoseOfTheStructs) {
  const auto options = topic_options({}, {});
  const log::Options defaults;
  EXPECT_EQ(options.log.segment_bytes, defaults.segment_bytes);
  EXPECT_EQ(options.log.segment_ms, defaults.segment_ms);
  EXPECT_EQ(options.log.retention_ms, defaults.retention_ms);
  EXPECT_EQ(options.log.retention_bytes, defaults.retention_bytes);
  EXPECT_EQ(options.log.segment_index_bytes, defaults.segment_index_bytes);
  EXPECT_EQ(options.log.producer_id_expiration_ms, defaults.producer_id_expiration_ms);
  EXPECT_EQ(options.log.durability, log::Durability::fsync);
  EXPECT_EQ(options.max_message_bytes, TopicOptions().max_message_bytes);
}

TEST(Options, AStoredValueThatIsWrongCountsAsNotGiven) {
  const auto options = topic_options({{"segment.bytes", "lots"}, {"retention.ms", "-9"}}, {});
  EXPECT_EQ(options.log.segment_bytes, 1 << 30);
  EXPECT_EQ(options.log.retention_ms, 604800000);
}

}  // namespace
}  // namespace trialog::node
