#include <algorithm>

#include "core/protocol/messages/alter_configs.h"
#include "core/protocol/messages/create_partitions.h"
#include "core/protocol/messages/describe_configs.h"
#include "core/protocol/messages/incremental_alter_configs.h"
#include "core/protocol/messages/list_config_resources.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using Entry = DescribeConfigsResponse::DescribeConfigsResourceResult;

constexpr std::int8_t topic_type = 2, broker_type = 4, logger_type = 8;
constexpr std::int8_t metrics_type = 16, group_type = 32;
constexpr std::int8_t from_topic = 1, from_file = 4, by_default = 5;

class Admin : public testing::Test {
 protected:
  Admin() { story.has_topic("orders", 1, {{"retention.ms", "1000"}}); }

  CreateTopicsResponse::CreatableTopicResult created(const std::string& name,
                                                     std::int32_t partitions, std::int16_t replicas,
                                                     bool validate = false,
                                                     std::int16_t version = 7) {
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = replicas;
    request.validate_only = validate;
    return client.call<CreateTopicsResponse>(request, version).topics.at(0);
  }
  DescribeConfigsResponse::DescribeConfigsResult described(std::int8_t type,
                                                           const std::string& name,
                                                           std::int16_t version = 4,
                                                           bool documented = false) {
    DescribeConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = type;
    asked.resource_name = name;
    asked.configuration_keys.reset();
    request.include_synonyms = version >= 1;
    request.include_documentation = documented;
    return client.call<DescribeConfigsResponse>(request, version).results.at(0);
  }
  static Entry entry(const DescribeConfigsResponse::DescribeConfigsResult& result,
                     std::string_view name) {
    const auto found = std::ranges::find(result.configs, name, &Entry::name);
    if (found == result.configs.end()) ADD_FAILURE() << "no " << name;
    return found == result.configs.end() ? Entry() : *found;
  }
  ErrorCode altered(std::int8_t type, const std::string& resource, const std::string& name,
                    const std::string& value, bool validate_only = false) {
    protocol::IncrementalAlterConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = type;
    asked.resource_name = resource;
    auto& config = asked.configs.emplace_back();
    config.name = name;
    config.value = value;
    request.validate_only = validate_only;
    return client.call<protocol::IncrementalAlterConfigsResponse>(request, 1)
        .responses.at(0)
        .error_code;
  }

  /// Each as "type name", or the error.
  std::vector<std::string> listed(std::vector<std::int8_t> types, std::int16_t version = 1) {
    protocol::ListConfigResourcesRequest request;
    request.resource_types = std::move(types);
    const auto response = client.call<protocol::ListConfigResourcesResponse>(request, version);
    std::vector<std::string> all;
    if (response.error_code != ErrorCode::none) all.emplace_back(error_name(response.error_code));
    for (const auto& resource : response.config_resources) {
      all.push_back(std::to_string(resource.resource_type) + " " + resource.resource_name);
    }
    return all;
  }

  BrokerStory story{metadata::Settings{{"log.segment.bytes", "2000000"}}};
  RawClient client = story.connect();
};

TEST_F(Admin, CreatesTopicsInEveryVersion) {
  for (std::int16_t version = 0; version <= 7; ++version) {
    const auto name = "made-" + std::to_string(version);
    EXPECT_EQ(created(name, 2, 1, false, version).error_code, ErrorCode::none);
    EXPECT_EQ(story.node().image()->topic(name)->partitions.size(), 2u);
    EXPECT_NE(story.node().replicas().find(name, 1), nullptr);
  }
}

TEST_F(Admin, RefusesTopicsThatCannotBe) {
  EXPECT_EQ(created("orders", 1, 1).error_code, ErrorCode::topic_already_exists);
  EXPECT_EQ(created("a/b", 1, 1).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(created("..", 1, 1).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(created("", 1, 1).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(created(std::string(250, 'x'), 1, 1).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(created("zero", 0, 1).error_code, ErrorCode::invalid_partitions);
  EXPECT_EQ(created("two", 1, 2).error_code, ErrorCode::invalid_replication_factor);
  EXPECT_EQ(created("tried", 1, 1, true).error_code, ErrorCode::none);
  EXPECT_EQ(story.node().image()->topic("tried"), nullptr);
}

TEST_F(Admin, TopicsSurviveACrashAndDeletedOnesDoNot) {
  created("kept", 3, 1);
  created("gone", 1, 1);
  story.deletes("gone");
  client.close();
  story.crashes();
  client = story.connect();
  EXPECT_EQ(story.node().image()->topic("kept")->partitions.size(), 3u);
  EXPECT_EQ(story.node().image()->topic("gone"), nullptr);
  EXPECT_EQ(story.node().replicas().find("gone", 0), nullptr);
}

TEST_F(Admin, AddsPartitions) {
  protocol::CreatePartitionsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.count = 4;
  topic.assignments.reset();
  const auto grown = client.call<protocol::CreatePartitionsResponse>(request, 3).results.at(0);
  EXPECT_EQ(grown.error_code, ErrorCode::none);
  const auto sent =
      client.call<protocol::ProduceResponse>(produce_request("orders", batch_of({"a"}), -1, 3), 7);
  EXPECT_EQ(only_partition(sent).error_code, ErrorCode::none);
  EXPECT_EQ(client.call<protocol::CreatePartitionsResponse>(request, 3).results.at(0).error_code,
            ErrorCode::invalid_partitions);
}

TEST_F(Admin, TellsWhereATopicsSettingsComeFrom) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    EXPECT_EQ(entry(described(topic_type, "orders", version), "retention.ms").value, "1000");
  }
  const auto topic = described(topic_type, "orders");
  EXPECT_EQ(topic.error_code, ErrorCode::none);
  EXPECT_EQ(entry(topic, "retention.ms").config_source, from_topic);
  EXPECT_EQ(entry(topic, "segment.bytes").value, "2000000");
  EXPECT_EQ(entry(topic, "segment.bytes").config_source, from_file);
  EXPECT_EQ(entry(topic, "segment.bytes").synonyms.at(0).name, "log.segment.bytes");
  EXPECT_EQ(entry(topic, "max.message.bytes").value, "1048588");
  EXPECT_EQ(entry(topic, "max.message.bytes").config_source, by_default);
  EXPECT_FALSE(entry(topic, "max.message.bytes").read_only);
  EXPECT_EQ(entry(topic, "max.message.bytes").config_type, 3);
  EXPECT_TRUE(entry(described(topic_type, "orders", 0), "max.message.bytes").is_default);
}

TEST_F(Admin, TellsABrokersSettings) {
  const auto broker = described(broker_type, "1");
  EXPECT_EQ(broker.error_code, ErrorCode::none);
  EXPECT_EQ(entry(broker, "log.segment.bytes").value, "2000000");
  EXPECT_EQ(entry(broker, "log.segment.bytes").config_source, from_file);
  EXPECT_TRUE(entry(broker, "node.id").read_only);
  EXPECT_FALSE(entry(broker, "log.segment.bytes").read_only);
  // With eligible leader replicas a new cluster writes this one down for all brokers (KIP-966).
  const auto all_brokers = described(broker_type, "");
  ASSERT_EQ(all_brokers.configs.size(), 1u);
  EXPECT_EQ(all_brokers.configs[0].name, "min.insync.replicas");
  EXPECT_EQ(described(broker_type, "2").error_code, ErrorCode::invalid_request);
  EXPECT_EQ(described(broker_type, "one").error_code, ErrorCode::invalid_request);
  EXPECT_EQ(described(99, "1").error_code, ErrorCode::invalid_request);
  EXPECT_EQ(described(topic_type, "nowhere").error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Admin, SaysWhatSettingsAreForOnlyIfAsked) {
  for (std::int16_t version = 3; version <= 4; ++version) {
    const auto topic = described(topic_type, "orders", version, true);
    EXPECT_EQ(entry(topic, "retention.ms").documentation,
              "How long records are kept, in milliseconds; -1 is for ever.");
    const auto broker = described(broker_type, "1", version, true);
    EXPECT_EQ(entry(broker, "node.id").documentation,
              "The number of this node, which no other node of the cluster has.");
    EXPECT_EQ(entry(broker, "num.io.threads").documentation,
              "Known to Kafka; Trialog keeps the value but does not use it.");
    for (const auto& each : topic.configs) EXPECT_TRUE(each.documentation.has_value()) << each.name;
    for (const auto& each : broker.configs)
      EXPECT_TRUE(each.documentation.has_value()) << each.name;
  }
  for (std::int16_t version = 3; version <= 4; ++version) {
    const auto topic = described(topic_type, "orders", version);
    for (const auto& each : topic.configs) EXPECT_FALSE(each.documentation.has_value());
  }
}

TEST_F(Admin, ListsWhatMayHaveSettings) {
  story.has_topic("another");
  using Names = std::vector<std::string>;
  EXPECT_EQ(listed({topic_type}), (Names{"2 another", "2 orders"}));
  EXPECT_EQ(listed({broker_type}), Names{"4 1"});
  EXPECT_EQ(listed({logger_type}), Names{"8 1"});
  EXPECT_EQ(listed({metrics_type}), Names());
  EXPECT_EQ(listed({group_type}), Names());
  EXPECT_EQ(listed({topic_type, topic_type, broker_type}), (Names{"4 1", "2 another", "2 orders"}));
  EXPECT_EQ(listed({}), (Names{"8 1", "4 1", "2 another", "2 orders"}));
  EXPECT_EQ(listed({}, 0), Names());  // Client metrics, of which there are none.
}

TEST_F(Admin, ListsNothingIfOneTypeIsUnknown) {
  for (const std::int8_t type : {0, 1, 3, 64, 127, -1, -128}) {
    EXPECT_EQ(listed({topic_type, type}), std::vector<std::string>{"UNSUPPORTED_VERSION"});
  }
}

TEST_F(Admin, ChangesSettingsForGood) {
  EXPECT_EQ(altered(topic_type, "orders", "max.message.bytes", "200"), ErrorCode::none);
  const auto sent = client.call<protocol::ProduceResponse>(
      produce_request("orders", batch_of({std::string(500, 'x')})), 7);
  EXPECT_EQ(only_partition(sent).error_code, ErrorCode::message_too_large);
  EXPECT_EQ(altered(topic_type, "orders", "max.message.bytes", "many"), ErrorCode::invalid_config);
  EXPECT_EQ(altered(topic_type, "orders", "no.such.setting", "1"), ErrorCode::invalid_config);
  EXPECT_EQ(altered(topic_type, "nowhere", "retention.ms", "1"),
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(altered(topic_type, "orders", "retention.ms", "5", true), ErrorCode::none);
  client.close();
  story.crashes();
  client = story.connect();
  const auto topic = described(topic_type, "orders");
  EXPECT_EQ(entry(topic, "max.message.bytes").value, "200");
  EXPECT_EQ(entry(topic, "retention.ms").value, "1000");  // It was only validated.
}

TEST_F(Admin, RefusesSettingsOfAnotherBrokerAndChangesTheRest) {
  protocol::IncrementalAlterConfigsRequest request;
  for (const char* name : {"2", "1", "one", ""}) {
    auto& asked = request.resources.emplace_back();
    asked.resource_type = broker_type;
    asked.resource_name = name;
    auto& config = asked.configs.emplace_back();
    config.name = "log.retention.ms";
    config.value = "70000";
  }
  const auto response = client.call<protocol::IncrementalAlterConfigsResponse>(request, 1);
  std::vector<std::string> answers;
  for (const auto& result : response.responses) {
    answers.push_back(result.resource_name + ": " + std::string(error_name(result.error_code)) +
                      " " + result.error_message.value_or(""));
  }
  EXPECT_EQ(answers,
            (std::vector<std::string>{
                "2: INVALID_REQUEST Unexpected broker id, expected 1 or empty string, but "
                "received 2",
                "1: NONE ", "one: INVALID_REQUEST Broker id must be an integer, but it is: one",
                ": NONE "}));
  EXPECT_EQ(entry(described(broker_type, "1"), "log.retention.ms").value, "70000");
}

TEST_F(Admin, ReplacesAllSettingsAsOldToolsDo) {
  protocol::AlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = topic_type;
  asked.resource_name = "orders";
  auto& config = asked.configs.emplace_back();
  config.name = "segment.ms";
  config.value = "60000";
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto response = client.call<protocol::AlterConfigsResponse>(request, version);
    EXPECT_EQ(response.responses.at(0).error_code, ErrorCode::none);
  }
  const auto topic = described(topic_type, "orders");
  EXPECT_EQ(entry(topic, "segment.ms").value, "60000");
  EXPECT_EQ(entry(topic, "retention.ms").config_source, by_default);
}

}  // namespace
}  // namespace trialog::broker
