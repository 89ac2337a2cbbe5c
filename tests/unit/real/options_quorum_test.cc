#include <gtest/gtest.h>

#include <algorithm>

#include "core/node/options.h"
#include "real/options_file.h"

namespace trialog::node {
namespace {

using metadata::Settings;

/// What a script that starts three brokers of Kafka in combined mode writes for the second one.
Settings second_of_three() {
  return {{"process.roles", "broker,controller"},
          {"node.id", "2"},
          {"controller.quorum.voters", "1@127.0.0.1:19093,2@127.0.0.1:19193,3@127.0.0.1:19293"},
          {"listeners", "PLAINTEXT://127.0.0.1:19192,CONTROLLER://127.0.0.1:19193"},
          {"advertised.listeners", "PLAINTEXT://127.0.0.1:19192"},
          {"controller.listener.names", "CONTROLLER"},
          {"log.dirs", "data/two"}};
}

Settings broker_only() {
  return {{"process.roles", "broker"},
          {"node.id", "4"},
          {"controller.quorum.bootstrap.servers", "one:9093,two:9093"},
          {"listeners", "PLAINTEXT://four:9092"},
          {"controller.listener.names", "CONTROLLER"}};
}

Settings controller_only() {
  return {{"process.roles", "controller"},
          {"node.id", "1"},
          {"controller.quorum.voters", "1@one:9093,2@two:9093"},
          {"listeners", "CONTROLLER://one:9093"},
          {"controller.listener.names", "CONTROLLER"}};
}

Settings with(Settings settings, std::string name, std::string value) {
  settings.insert_or_assign(std::move(name), std::move(value));
  return settings;
}

Options good(const Settings& settings) {
  auto parsed = parse(settings, false);
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
  return parsed.options.value_or(Options());
}

/// The one thing that is wrong.
std::string problem_of(const Settings& settings) {
  const auto parsed = parse(settings, false);
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.problems.size(), 1u);
  for (std::size_t i = 1; i < parsed.problems.size(); ++i) ADD_FAILURE() << parsed.problems[i];
  return parsed.problems.empty() ? "" : parsed.problems.front();
}

TEST(QuorumOptions, OneOfThreeInCombinedModeStartsUnchanged) {
  const auto options = good(second_of_three());
  EXPECT_TRUE(options.is_broker);
  EXPECT_TRUE(options.is_controller);
  ASSERT_EQ(options.quorum_voters.size(), 3u);
  EXPECT_EQ(options.quorum_voters[2].id, NodeId(3));
  EXPECT_EQ(options.quorum_voters[2].at, Endpoint("127.0.0.1", 19293));
  ASSERT_EQ(options.listeners.size(), 1u);
  EXPECT_EQ(options.listeners[0].at, Endpoint("127.0.0.1", 19192));
  ASSERT_EQ(options.controller_listeners.size(), 1u);
  EXPECT_EQ(options.controller_listeners[0].at, Endpoint("127.0.0.1", 19193));
  EXPECT_EQ(options.controller_listener_name, "CONTROLLER");
  EXPECT_EQ(options.inter_broker_listener, "PLAINTEXT");
  EXPECT_FALSE(options.stands_alone());
}

TEST(QuorumOptions, DefaultsAreKafkas) {
  const auto parsed = good({{"node.id", "1"}});
  const Options defaults;
  EXPECT_EQ(parsed.quorum_election_timeout, defaults.quorum_election_timeout);
  EXPECT_EQ(parsed.quorum_fetch_timeout, defaults.quorum_fetch_timeout);
  EXPECT_EQ(parsed.quorum_append_linger, defaults.quorum_append_linger);
  EXPECT_EQ(parsed.broker_session_timeout, defaults.broker_session_timeout);
  EXPECT_EQ(parsed.replica_lag_time_max, defaults.replica_lag_time_max);
  EXPECT_EQ(parsed.replica_fetch_max_bytes, defaults.replica_fetch_max_bytes);
  EXPECT_EQ(parsed.replica_fetch_response_max_bytes, defaults.replica_fetch_response_max_bytes);
  EXPECT_EQ(parsed.replica_high_watermark_checkpoint_interval,
            defaults.replica_high_watermark_checkpoint_interval);
  EXPECT_EQ(parsed.leader_imbalance_check_interval, defaults.leader_imbalance_check_interval);
  EXPECT_EQ(parsed.metadata_log_max_record_bytes_between_snapshots,
            defaults.metadata_log_max_record_bytes_between_snapshots);
  EXPECT_EQ(parsed.metadata_log_max_snapshot_interval, defaults.metadata_log_max_snapshot_interval);
  EXPECT_EQ(parsed.metadata_log_segment_age, defaults.metadata_log_segment_age);
  EXPECT_EQ(parsed.metadata_max_retention_bytes, defaults.metadata_max_retention_bytes);
  EXPECT_TRUE(parsed.auto_leader_rebalance);
  EXPECT_FALSE(parsed.unclean_leader_election);
  EXPECT_FALSE(parsed.reads_from_same_rack);
  EXPECT_TRUE(parsed.stands_alone());
}

TEST(QuorumOptions, ABrokerOnlyFileNeedsToKnowWhereTheControllersAre) {
  const auto options = good(broker_only());
  EXPECT_TRUE(options.is_broker);
  EXPECT_FALSE(options.is_controller);
  EXPECT_EQ(options.quorum_bootstrap.size(), 2u);
  EXPECT_EQ(options.controller_listener_name, "CONTROLLER");
  EXPECT_FALSE(options.stands_alone());
  auto nowhere = broker_only();
  nowhere.erase("controller.quorum.bootstrap.servers");
  EXPECT_TRUE(problem_of(nowhere).starts_with("If using process.roles, either"));
  auto unnamed = broker_only();
  unnamed.erase("controller.listener.names");
  EXPECT_EQ(problem_of(unnamed),
            "controller.listener.names must contain at least one value when running KRaft with "
            "just the broker role");
  EXPECT_EQ(
      problem_of(with(broker_only(), "listeners", "PLAINTEXT://four:9092,CONTROLLER://four:9093")),
      "controller.listener.names must not contain a value appearing in the 'listeners' "
      "configuration when running KRaft with just the broker role");
  EXPECT_EQ(problem_of(with(broker_only(), "controller.quorum.voters", "1@one:9093,4@four:9093")),
            "If process.roles contains just the 'broker' role, the node id 4 must not be included "
            "in the set of voters controller.quorum.voters=[1, 4]");
  EXPECT_TRUE(problem_of(with(broker_only(), "controller.quorum.auto.join.enable", "true"))
                  .starts_with("controller.quorum.auto.join.enable is only supported"));
}

TEST(QuorumOptions, AControllerOnlyFileHasNoListenerForClients) {
  const auto options = good(controller_only());
  EXPECT_FALSE(options.is_broker);
  EXPECT_TRUE(options.listeners.empty());
  EXPECT_EQ(options.controller_listeners.size(), 1u);
  EXPECT_EQ(
      problem_of(with(controller_only(), "listeners", "PLAINTEXT://h:1,CONTROLLER://one:9093")),
      "The listeners config must only contain KRaft controller listeners from "
      "controller.listener.names when process.roles=controller");
  EXPECT_EQ(problem_of(with(controller_only(), "inter.broker.listener.name", "CONTROLLER")),
            "controller.listener.names must not contain an explicitly set "
            "inter.broker.listener.name configuration value when process.roles=controller");
}

TEST(QuorumOptions, AControllerMustBeAVoterOfItsFile) {
  EXPECT_EQ(problem_of(with(second_of_three(), "node.id", "7")),
            "If process.roles contains the 'controller' role, the node id 7 must be included in "
            "the set of voters controller.quorum.voters=[1, 2, 3]");
  EXPECT_EQ(problem_of(with(second_of_three(), "controller.listener.names", "CONTROLLER,OTHER")),
            "controller.listener.names must only contain values appearing in the 'listeners' "
            "configuration when running the KRaft controller role");
  auto nameless = with(second_of_three(), "listeners", "PLAINTEXT://127.0.0.1:19192");
  nameless.erase("controller.listener.names");
  EXPECT_EQ(problem_of(nameless),
            "controller.listener.names must contain at least one value appearing in the "
            "'listeners' configuration when running the KRaft controller role");
  EXPECT_TRUE(problem_of(with(with(second_of_three(), "listeners", "CONTROLLER://127.0.0.1:19193"),
                              "advertised.listeners", "CONTROLLER://127.0.0.1:19193"))
                  .ends_with("Perhaps all listeners appear in controller.listener.names?"));
}

TEST(QuorumOptions, VotersThatCannotBeReadAreRefused) {
  const auto voters = [](const std::string& text) {
    return problem_of(with(second_of_three(), "controller.quorum.voters", text));
  };
  EXPECT_EQ(voters("127.0.0.1:19093"),
            "Invalid configuration value for controller.quorum.voters. Each entry should be in "
            "the form `{id}@{host}:{port}`.");
  EXPECT_EQ(voters("two@h:1"), "Failed to parse voter ID as an integer from two");
  EXPECT_EQ(voters("-2@h:1"), "Failed to parse voter ID as an integer from -2");
  for (const auto* wrong : {"2@h", "2@:1", "2@h:0", "2@h:70000", "2@h:x", "2@"}) {
    EXPECT_EQ(voters(wrong), std::string("Failed to parse host and port from entry ") + wrong +
                                 " for the configuration controller.quorum.voters. Each entry "
                                 "should be in the form `{id}@{host}:{port}`.");
  }
  EXPECT_EQ(voters("2@0.0.0.0:1"),
            "Host string (0.0.0.0) is not routeable in "
            "controller.quorum.voters");
  EXPECT_EQ(voters("2@a:1,2@b:1"), "controller.quorum.voters names node 2 twice");
  EXPECT_EQ(voters("2@a:1,3@a:1"), "controller.quorum.voters names a:1 twice");
  EXPECT_TRUE(problem_of(with(broker_only(), "controller.quorum.bootstrap.servers", "one"))
                  .starts_with("Failed to parse host and port from one for the configuration "
                               "controller.quorum.bootstrap.servers"));
}

TEST(QuorumOptions, TimesThatContradictEachOtherAreRefused) {
  EXPECT_TRUE(problem_of(with(second_of_three(), "replica.socket.timeout.ms", "100"))
                  .starts_with("replica.socket.timeout.ms should always be at least"));
  EXPECT_TRUE(problem_of(with(second_of_three(), "replica.lag.time.max.ms", "100"))
                  .starts_with("replica.fetch.wait.max.ms should always be less than or equal"));
  const auto slow = parse(with(second_of_three(), "broker.heartbeat.interval.ms", "8000"), false);
  EXPECT_TRUE(slow.options.has_value());
  EXPECT_TRUE(std::ranges::any_of(slow.remarks, [](const Remark& remark) {
    return remark.level == Level::error &&
           remark.text.find("lose their leases") != remark.text.npos;
  }));
}

TEST(QuorumOptions, AReplicaSelectorIsKafkasOrNone) {
  const std::string package = "org.apache.kafka.common.replica.";
  EXPECT_TRUE(
      good(with(second_of_three(), "replica.selector.class", package + "RackAwareReplicaSelector"))
          .reads_from_same_rack);
  EXPECT_FALSE(good(with(second_of_three(), "replica.selector.class", package + "LeaderSelector"))
                   .reads_from_same_rack);
  EXPECT_EQ(problem_of(with(second_of_three(), "replica.selector.class", "my.Selector")),
            "Invalid value my.Selector for configuration replica.selector.class: Class "
            "my.Selector could not be found.");
}

TEST(QuorumOptions, OnlyWhoNamesNobodyElseStandsAlone) {
  const Settings least{{"node.id", "1"}};
  EXPECT_TRUE(good(least).stands_alone());
  EXPECT_TRUE(good(with(least, "controller.quorum.voters", "1@h:9093")).stands_alone());
  auto combined = second_of_three();
  combined.erase("controller.quorum.voters");
  EXPECT_TRUE(good(combined).stands_alone());
  EXPECT_TRUE(
      good(with(combined, "controller.quorum.bootstrap.servers", "h:19193")).stands_alone());
  EXPECT_FALSE(
      good(with(combined, "controller.quorum.bootstrap.servers", "h:19093")).stands_alone());
  EXPECT_FALSE(good(with(combined, "controller.quorum.bootstrap.servers", "h:19193,i:19193"))
                   .stands_alone());
  EXPECT_FALSE(good(second_of_three()).stands_alone());
}

TEST(QuorumOptions, TheSameVotersGiveTheSameClusterId) {
  const auto second = good(second_of_three()).cluster_id_of_voters();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->size(), 22u);
  auto third = second_of_three();
  third["node.id"] = "3";
  third["controller.quorum.voters"] = "3@127.0.0.1:19293,2@127.0.0.1:19193,1@127.0.0.1:19093";
  EXPECT_EQ(good(third).cluster_id_of_voters(), second);
  third["controller.quorum.voters"] = "3@127.0.0.1:19294,2@127.0.0.1:19193,1@127.0.0.1:19093";
  EXPECT_NE(good(third).cluster_id_of_voters(), second);
  EXPECT_EQ(good({{"node.id", "1"}}).cluster_id_of_voters(), std::nullopt);
}

}  // namespace
}  // namespace trialog::node
