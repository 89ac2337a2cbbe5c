#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

using Op = ConfigChange::Operation;

struct Change {
  Op operation;
  std::string name;
  std::optional<std::string> value;
};

/// Changes one resource, incrementally, and tells the answer.
std::string change(ClusterStory& story, const Resource& resource,
                   const std::vector<Change>& changes, bool validate_only = false) {
  protocol::IncrementalAlterConfigsRequest request;
  request.validate_only = validate_only;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = static_cast<std::int8_t>(resource.type);
  asked.resource_name = resource.name;
  for (const auto& from : changes) {
    auto& config = asked.configs.emplace_back();
    config.name = from.name;
    config.config_operation = static_cast<std::int8_t>(from.operation);
    config.value = from.value;
  }
  const auto response = story.asks(request);
  EXPECT_EQ(response.responses.at(0).resource_name, resource.name);
  return said(response.responses.at(0));
}

/// Replaces all settings of one resource.
std::string replace(ClusterStory& story, const Resource& resource, const Settings& settings,
                    bool validate_only = false) {
  protocol::AlterConfigsRequest request;
  request.validate_only = validate_only;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = static_cast<std::int8_t>(resource.type);
  asked.resource_name = resource.name;
  for (const auto& [name, value] : settings) {
    auto& config = asked.configs.emplace_back();
    config.name = name;
    config.value = value;
  }
  return said(story.asks(request).responses.at(0));
}

const Resource orders{ResourceType::topic, "orders"};
const Resource this_broker{ResourceType::broker, "1"};
const Resource all_brokers{ResourceType::broker, ""};

TEST(AlterConfigs, AppendsNoMoreThanARecordHolds) {
  ClusterStory story(1);
  story.creates("orders");
  const std::string name = "leader.replication.throttled.replicas";
  const auto replicas = [](int from) {
    std::string list = std::to_string(from) + ":1";
    for (int i = from + 1; i < from + 3000; ++i) list += "," + std::to_string(i) + ":1";
    return list;
  };
  EXPECT_EQ(change(story, orders, {{Op::set, name, replicas(0)}}), "NONE");
  EXPECT_EQ(
      change(story, orders, {{Op::append, name, replicas(10'000)}}),
      "INVALID_CONFIG: The configuration value cannot be added because it exceeds the maximum "
      "value size of 32767 bytes.");
}

TEST(AlterConfigs, SetsAndDeletesOneByOne) {
  ClusterStory story(1);
  story.creates("orders");
  EXPECT_EQ(change(story, orders, {{Op::set, "retention.ms", "5"}, {Op::set, "segment.ms", "7"}}),
            "NONE");
  EXPECT_EQ(change(story, orders, {{Op::remove, "retention.ms", std::nullopt}}), "NONE");
  EXPECT_EQ(story.image().settings(orders), Settings({{"segment.ms", "7"}}));
}

TEST(AlterConfigs, AppendsToAndSubtractsFromLists) {
  ClusterStory story(1);
  story.creates("orders");
  // Not set, so the default ("delete") is what it is appended to.
  EXPECT_EQ(change(story, orders, {{Op::append, "cleanup.policy", "compact"}}), "NONE");
  EXPECT_EQ(story.image().settings(orders).at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(change(story, orders, {{Op::append, "cleanup.policy", "compact"}}), "NONE");
  EXPECT_EQ(story.image().settings(orders).at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(change(story, orders, {{Op::subtract, "cleanup.policy", "delete"}}), "NONE");
  EXPECT_EQ(story.image().settings(orders).at("cleanup.policy"), "compact");
  EXPECT_EQ(change(story, orders, {{Op::append, "retention.ms", "5"}}),
            "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(change(story, orders, {{Op::subtract, "retention.ms", "5"}}),
            "INVALID_CONFIG: Can't SUBTRACT to key retention.ms because its type is not LIST.");
}

TEST(AlterConfigs, ReplacesEverythingTheOldWay) {
  ClusterStory story(1);
  story.creates("orders");
  EXPECT_EQ(replace(story, orders, {{"retention.ms", "5"}, {"segment.ms", "7"}}), "NONE");
  EXPECT_EQ(replace(story, orders, {{"segment.ms", "8"}}), "NONE");
  EXPECT_EQ(story.image().settings(orders), Settings({{"segment.ms", "8"}}));
  EXPECT_EQ(replace(story, orders, {}), "NONE");
  EXPECT_TRUE(story.image().settings(orders).empty());
}

TEST(AlterConfigs, WritesNothingDownWhereATopicStaysAsItIs) {
  ClusterStory story(1);
  story.creates("orders");
  change(story, orders, {{Op::set, "retention.ms", "5"}});
  const auto before = story.log().size();
  EXPECT_EQ(change(story, orders, {{Op::set, "retention.ms", "5"}}), "NONE");
  EXPECT_EQ(story.log().size(), before);
  // A broker is told again, so that it reads its files again (KAFKA-14136).
  change(story, this_broker, {{Op::set, "log.retention.ms", "5"}});
  const auto told = story.log().size();
  EXPECT_EQ(change(story, this_broker, {{Op::set, "log.retention.ms", "5"}}), "NONE");
  EXPECT_EQ(story.log().size(), told + 1);
}

TEST(AlterConfigs, KnowsWhatHoldsForABroker) {
  ClusterStory story(1);
  EXPECT_EQ(change(story, all_brokers, {{Op::set, "log.retention.ms", "5"}}), "NONE");
  EXPECT_EQ(change(story, all_brokers, {{Op::set, "log.roll.ms", "6"}}), "NONE");
  EXPECT_EQ(change(story, this_broker, {{Op::set, "log.retention.ms", "7"}}), "NONE");
  const Settings file{{"log.retention.ms", "4"}, {"node.id", "1"}};
  EXPECT_EQ(story.image().broker_settings(NodeId(1), file),
            Settings({{"log.retention.ms", "7"},
                      {"log.roll.ms", "6"},
                      {"min.insync.replicas", "1"},  // As every new cluster has it (KIP-966).
                      {"node.id", "1"}}));
}

TEST(AlterConfigs, RefusesResourcesThatAreNotThere) {
  ClusterStory story(1);
  const std::vector<Change> any{{Op::set, "retention.ms", "5"}};
  EXPECT_EQ(change(story, orders, any),
            "UNKNOWN_TOPIC_OR_PARTITION: The topic 'orders' does not exist.");
  EXPECT_EQ(change(story, {ResourceType::topic, ""}, any),
            "INVALID_REQUEST: Default topic resources are not allowed.");
  EXPECT_EQ(change(story, {ResourceType::topic, "."}, any),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(change(story, {ResourceType::broker, "-2"}, any),
            "INVALID_REQUEST: Invalid negative broker ID.");
  EXPECT_EQ(change(story, {ResourceType::broker, "one"}, any),
            "INVALID_REQUEST: Unable to parse broker name as a base 10 number.");
  EXPECT_EQ(change(story, {static_cast<ResourceType>(3), "x"}, any),
            "INVALID_REQUEST: Unknown resource type 3");
}

TEST(AlterConfigs, RefusesChangesThatCannotBe) {
  ClusterStory story(1);
  story.creates("orders");
  EXPECT_EQ(change(story, orders, {{Op::set, "a", "1"}, {Op::set, "a", "2"}}),
            "INVALID_REQUEST: Error due to duplicate config keys");
  EXPECT_EQ(change(story, orders, {{Op::set, "retention.ms", std::nullopt}}),
            "INVALID_REQUEST: Null value not supported for : retention.ms");
  EXPECT_EQ(change(story, orders, {{static_cast<Op>(9), "retention.ms", "1"}}),
            "INVALID_REQUEST: Unknown operations type 9");
  EXPECT_EQ(change(story, orders, {{Op::set, "retention.mss", "1"}}),
            "INVALID_CONFIG: Unknown topic config name: retention.mss");
  EXPECT_TRUE(change(story, orders, {{Op::set, "segment.bytes", "13"}})
                  .starts_with("INVALID_CONFIG: Invalid value 13 for configuration segment.bytes"));
  EXPECT_EQ(change(story, this_broker, {{Op::set, "log.dirs", "/elsewhere"}}),
            "INVALID_REQUEST: Cannot update these configs dynamically: [log.dirs]");
  EXPECT_TRUE(change(story, this_broker, {{Op::set, "log.retention.ms", "soon"}})
                  .starts_with("INVALID_REQUEST: Invalid value soon for configuration"));
}

TEST(AlterConfigs, RefusesForAllBrokersWhatIsOneBrokersOwn) {
  ClusterStory story(1);
  EXPECT_EQ(change(story, all_brokers,
                   {{Op::set, "listeners", "PLAINTEXT://:1"}, {Op::set, "ssl.protocol", "x"}}),
            "INVALID_REQUEST: Cannot update these configs at default cluster level, broker id must "
            "be specified: [listeners, ssl.protocol]");
  EXPECT_EQ(change(story, this_broker, {{Op::set, "listeners", "PLAINTEXT://:1"}}), "NONE");
  EXPECT_EQ(change(story, all_brokers, {{Op::set, "num.network.threads", "4"}}), "NONE");
}

TEST(AlterConfigs, RefusesTieredStorage) {
  ClusterStory story(1);
  story.creates("orders");
  EXPECT_EQ(change(story, orders, {{Op::set, "remote.storage.enable", "true"}}),
            "INVALID_CONFIG: Tiered Storage functionality is disabled in the broker. Topic cannot "
            "be configured with remote log storage.");
  EXPECT_EQ(change(story, orders, {{Op::set, "remote.storage.enable", "false"}}), "NONE");
}

TEST(AlterConfigs, ChangesNothingOfAResourceThatIsRefused) {
  ClusterStory story(1);
  story.creates("orders");
  change(story, orders, {{Op::set, "retention.ms", "5"}, {Op::set, "segment.bytes", "13"}});
  EXPECT_TRUE(story.image().settings(orders).empty());
}

TEST(AlterConfigs, RefusesAResourceThatIsNamedTwice) {
  ClusterStory story(1);
  story.creates("orders");
  story.creates("others");
  protocol::IncrementalAlterConfigsRequest request;
  for (const auto* name : {"orders", "others", "orders"}) {
    auto& asked = request.resources.emplace_back();
    asked.resource_type = static_cast<std::int8_t>(ResourceType::topic);
    asked.resource_name = name;
    auto& config = asked.configs.emplace_back();
    config.name = "retention.ms";
    config.value = "5";
  }
  const auto response = story.asks(request);
  ASSERT_EQ(response.responses.size(), 3u);
  EXPECT_EQ(said(response.responses[0]),
            "INVALID_REQUEST: Each resource must appear at most once.");
  EXPECT_EQ(said(response.responses[1]), "NONE");
  EXPECT_EQ(response.responses[2].error_code, ErrorCode::invalid_request);
  EXPECT_TRUE(story.image().settings(orders).empty());
  EXPECT_EQ(story.image().settings({ResourceType::topic, "others"}).size(), 1u);
}

TEST(AlterConfigs, OnlyLooksIfToldTo) {
  ClusterStory story(1);
  story.creates("orders");
  EXPECT_EQ(change(story, orders, {{Op::set, "retention.ms", "5"}}, true), "NONE");
  EXPECT_EQ(replace(story, orders, {{"retention.ms", "5"}}, true), "NONE");
  EXPECT_TRUE(story.image().settings(orders).empty());
}

}  // namespace
}  // namespace trialog::metadata::test
