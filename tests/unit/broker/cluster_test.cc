#include <algorithm>

#include "core/protocol/api.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/describe_cluster.h"
#include "core/protocol/messages/describe_log_dirs.h"
#include "core/protocol/messages/describe_topic_partitions.h"
#include "core/protocol/messages/find_coordinator.h"
#include "core/protocol/messages/init_producer_id.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

class Cluster : public testing::Test {
 protected:
  MetadataResponse metadata(const MetadataRequest& request, std::int16_t version) {
    return client.call<MetadataResponse>(request, version);
  }
  static MetadataRequest about(const std::vector<std::string>& names) {
    MetadataRequest request;
    for (const auto& name : names) request.topics->emplace_back().name = name;
    return request;
  }
  static MetadataRequest about_all() {
    MetadataRequest request;
    request.topics.reset();
    return request;
  }

  BrokerStory story;
  RawClient client = story.connect();
};

ApiVersionsRequest software(std::string name, std::string version) {
  ApiVersionsRequest request;
  request.client_software_name = std::move(name);
  request.client_software_version = std::move(version);
  return request;
}

TEST_F(Cluster, SaysWhatItServes) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto response = client.call<ApiVersionsResponse>(software("kcat", "1.7.1"), version);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    const auto produce =
        std::ranges::find(response.api_keys, 0, &ApiVersionsResponse::ApiVersion::api_key);
    ASSERT_NE(produce, response.api_keys.end());
    EXPECT_EQ(produce->min_version, 0);
    EXPECT_EQ(produce->max_version, 13);
    EXPECT_EQ(response.finalized_features.empty(), version < 3);
  }
}

TEST_F(Cluster, AnswersAnUnknownVersionOfApiVersionsInVersionZero) {
  for (const std::string_view request :
       {"0000000a001200050000002affff", "0000000a001200630000002affff",
        "000000080012ffff0000002a"}) {
    auto other = story.connect();
    other.send_hex(request);
    const auto answer = other.receive();
    ASSERT_TRUE(answer.has_value()) << request;
    EXPECT_EQ(to_hex(answer->view()),
              "0000002a"
              "0023"
              "00000001"
              "0012"
              "0000"
              "0004");
    // And goes on.
    other.ask(ApiVersionsRequest(), 0);
    EXPECT_TRUE(other.receive().has_value());
  }
}

TEST_F(Cluster, RefusesStrangeNamesOfSoftware) {
  for (const auto& [name, version] :
       std::vector<std::pair<std::string, std::string>>{{"", "1"},
                                                        {"a", ""},
                                                        {"-a", "1"},
                                                        {"a-", "1"},
                                                        {"a b", "1"},
                                                        {"a", "1."},
                                                        {"a\n", "1"}}) {
    const auto response = client.call<ApiVersionsResponse>(software(name, version), 3);
    EXPECT_EQ(response.error_code, ErrorCode::invalid_request) << name << " " << version;
  }
  EXPECT_EQ(client.call<ApiVersionsResponse>(software("apache-kafka.java", "4.1.0"), 4).error_code,
            ErrorCode::none);
  EXPECT_EQ(client.call<ApiVersionsResponse>(software("", ""), 2).error_code, ErrorCode::none);
}

TEST_F(Cluster, IsToldInEveryVersionOfMetadata) {
  story.has_topic("orders", 3);
  for (std::int16_t version = 0; version <= 13; ++version) {
    const auto response = metadata(about({"orders"}), version);
    ASSERT_EQ(response.brokers.size(), 1u) << version;
    EXPECT_EQ(response.brokers[0].node_id, 1);
    EXPECT_EQ(response.brokers[0].host, "node1");
    EXPECT_EQ(response.brokers[0].port, 9092);
    ASSERT_EQ(response.topics.size(), 1u);
    ASSERT_EQ(response.topics[0].partitions.size(), 3u);
    EXPECT_EQ(response.topics[0].partitions[2].leader_id, 1);
    EXPECT_EQ(response.cluster_id.has_value(), version >= 2);
    EXPECT_EQ(response.topics[0].topic_id.is_zero(), version < 10);
  }
}

TEST_F(Cluster, TellsAllTopicsToWhoeverNamesNone) {
  story.has_topic("a");
  story.has_topic("b");
  EXPECT_EQ(metadata(about({}), 0).topics.size(), 2u);  // In version 0, none means all.
  EXPECT_EQ(metadata(about({}), 1).topics.size(), 0u);
  EXPECT_EQ(metadata(about_all(), 1).topics.size(), 2u);
  EXPECT_EQ(metadata(about_all(), 13).topics.size(), 2u);
}

TEST_F(Cluster, MakesTopicsThatAreAskedFor) {
  const auto made = metadata(about({"fresh", "bad name", "fresh"}), 1);
  ASSERT_EQ(made.topics.size(), 2u);
  EXPECT_EQ(made.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(made.topics[0].partitions.size(), 1u);
  EXPECT_EQ(made.topics[1].error_code, ErrorCode::invalid_topic_exception);
  auto shy = about({"other"});
  shy.allow_auto_topic_creation = false;
  EXPECT_EQ(metadata(shy, 4).topics[0].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(metadata(about_all(), 1).topics.size(), 1u);
}

TEST_F(Cluster, MakesNoTopicsWhereThatIsTurnedOff) {
  BrokerStory strict(metadata::Settings{{"auto.create.topics.enable", "false"}});
  auto other = strict.connect();
  const auto response = other.call<MetadataResponse>(about({"fresh"}), 1);
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Cluster, KnowsTopicsByIdSinceVersionTwelve) {
  story.has_topic("orders");
  MetadataRequest request;
  auto& asked = request.topics->emplace_back();
  asked.name.reset();
  asked.topic_id = story.topic_id("orders");
  const auto response = metadata(request, 12);
  EXPECT_EQ(response.topics[0].name, "orders");
  EXPECT_EQ(metadata(request, 10).topics[0].error_code, ErrorCode::invalid_request);
  asked.topic_id.bytes[3] ^= std::byte{1};
  EXPECT_EQ(metadata(request, 12).topics[0].error_code, ErrorCode::unknown_topic_id);
}

TEST_F(Cluster, TellsOperationsOnlyIfAsked) {
  story.has_topic("orders");
  auto request = about({"orders"});
  EXPECT_EQ(metadata(request, 8).topics[0].topic_authorized_operations, INT32_MIN);
  EXPECT_EQ(metadata(request, 8).cluster_authorized_operations, INT32_MIN);
  request.include_topic_authorized_operations = true;
  request.include_cluster_authorized_operations = true;
  EXPECT_EQ(metadata(request, 8).topics[0].topic_authorized_operations, 3576);
  EXPECT_EQ(metadata(request, 10).cluster_authorized_operations, 8096);
}

TEST_F(Cluster, IsDescribedToAdministrators) {
  protocol::DescribeClusterRequest request;
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto response = client.call<protocol::DescribeClusterResponse>(request, version);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    EXPECT_EQ(response.controller_id, 1);
    ASSERT_EQ(response.brokers.size(), 1u);
    EXPECT_EQ(response.cluster_id, metadata(about({}), 2).cluster_id);
  }
  request.endpoint_type = 2;
  EXPECT_EQ(client.call<protocol::DescribeClusterResponse>(request, 1).error_code,
            ErrorCode::mismatched_endpoint_type);
  request.endpoint_type = 3;
  EXPECT_EQ(client.call<protocol::DescribeClusterResponse>(request, 1).error_code,
            ErrorCode::unsupported_endpoint_type);
}

TEST_F(Cluster, DescribesTopicsPageByPage) {
  story.has_topic("a", 3);
  story.has_topic("b", 3);
  protocol::DescribeTopicPartitionsRequest request;
  request.response_partition_limit = 4;
  const auto first = client.call<protocol::DescribeTopicPartitionsResponse>(request, 0);
  ASSERT_EQ(first.topics.size(), 2u);
  EXPECT_EQ(first.topics[0].partitions.size(), 3u);
  EXPECT_EQ(first.topics[1].partitions.size(), 1u);
  ASSERT_TRUE(first.next_cursor.has_value());
  EXPECT_EQ(first.next_cursor->topic_name, "b");
  EXPECT_EQ(first.next_cursor->partition_index, 1);
  protocol::DescribeTopicPartitionsRequest::Cursor cursor;
  cursor.topic_name = "b";
  cursor.partition_index = 1;
  request.cursor = cursor;
  const auto rest = client.call<protocol::DescribeTopicPartitionsResponse>(request, 0);
  ASSERT_EQ(rest.topics.size(), 1u);
  EXPECT_EQ(rest.topics[0].partitions.size(), 2u);
  EXPECT_FALSE(rest.next_cursor.has_value());
  request.cursor.reset();
  request.topics.emplace_back().name = "nowhere";
  const auto unknown = client.call<protocol::DescribeTopicPartitionsResponse>(request, 0);
  EXPECT_EQ(unknown.topics.at(0).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Cluster, CoordinatesNothingYet) {
  protocol::FindCoordinatorRequest request;
  for (std::int16_t version = 0; version <= 3; ++version) {
    request.key = "group";
    const auto response = client.call<protocol::FindCoordinatorResponse>(request, version);
    EXPECT_EQ(response.error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(response.node_id, -1);
  }
  request.key.clear();
  request.coordinator_keys = {"one", "two"};
  const auto response = client.call<protocol::FindCoordinatorResponse>(request, 4);
  ASSERT_EQ(response.coordinators.size(), 2u);
  EXPECT_EQ(response.coordinators[1].error_code, ErrorCode::coordinator_not_available);
}

TEST_F(Cluster, GivesEachProducerAnIdOfItsOwnAlsoAfterACrash) {
  protocol::InitProducerIdRequest request;
  request.transactional_id.reset();
  const auto id = [&](std::int16_t version) {
    const auto response = client.call<protocol::InitProducerIdResponse>(request, version);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    EXPECT_EQ(response.producer_epoch, 0);
    return response.producer_id;
  };
  std::vector<std::int64_t> ids;
  for (std::int16_t version = 0; version <= 5; ++version) ids.push_back(id(version));
  client.close();
  story.crashes();
  client = story.connect();
  ids.push_back(id(4));
  for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_GT(ids[i], ids[i - 1]);
  request.producer_id = 5;
  EXPECT_EQ(client.call<protocol::InitProducerIdResponse>(request, 4).error_code,
            ErrorCode::invalid_request);
  request.producer_id = -1;
  request.transactional_id = "tx";
  EXPECT_EQ(client.call<protocol::InitProducerIdResponse>(request, 4).error_code,
            ErrorCode::unsupported_version);
  request.transactional_id = "";
  EXPECT_EQ(client.call<protocol::InitProducerIdResponse>(request, 4).error_code,
            ErrorCode::invalid_request);
}

TEST_F(Cluster, SaysWhatLiesInItsLogDirectories) {
  story.has_topic("orders", 2);
  client.call<protocol::ProduceResponse>(produce_request("orders", batch_of({"a"}), -1, 1), 7);
  protocol::DescribeLogDirsRequest request;
  request.topics.reset();
  for (std::int16_t version = 0; version <= 5; ++version) {
    const auto response = client.call<protocol::DescribeLogDirsResponse>(request, version);
    ASSERT_EQ(response.results.size(), 1u);
    EXPECT_EQ(response.results[0].log_dir, "/data/logs");
    ASSERT_EQ(response.results[0].topics.size(), 1u);
    ASSERT_EQ(response.results[0].topics[0].partitions.size(), 2u);
    EXPECT_GT(response.results[0].topics[0].partitions[1].partition_size, 60);
  }
}

}  // namespace
}  // namespace trialog::broker
