#include "core/protocol/messages/describe_cluster.h"
#include "tests/unit/broker/broker_story.h"

namespace trialog::node {
namespace {

using broker::batch_of;
using broker::BrokerStory;
using broker::fetch_request;
using broker::only_partition;
using broker::produce_request;
using broker::values_in;

std::string cluster_id(BrokerStory& story) {
  auto client = story.connect();
  return client.call<protocol::DescribeClusterResponse>(protocol::DescribeClusterRequest(), 0)
      .cluster_id;
}

ErrorCode produced(BrokerStory& story, const std::string& topic, const std::string& value) {
  auto client = story.connect();
  const auto response =
      client.call<protocol::ProduceResponse>(produce_request(topic, batch_of({value})), 7);
  return only_partition(response).error_code;
}

std::vector<std::string> everything(BrokerStory& story, const std::string& topic) {
  auto client = story.connect();
  const auto response = client.call<protocol::FetchResponse>(fetch_request(topic, 0), 11);
  return values_in(only_partition(response).records);
}

TEST(Node, KeepsItsClusterIdAndItsTopics) {
  BrokerStory story;
  story.has_topic("orders");
  const auto id = cluster_id(story);
  const auto topic = story.topic_id("orders");
  EXPECT_EQ(id.size(), 22u);
  story.restarts();
  EXPECT_EQ(cluster_id(story), id);
  story.crashes();
  EXPECT_EQ(cluster_id(story), id);
  EXPECT_EQ(story.topic_id("orders"), topic);
}

TEST(Node, ServesWhatItKeptAcrossCrashesAndCleanStops) {
  BrokerStory story;
  story.has_topic("orders");
  std::vector<std::string> sent;
  for (int round = 0; round < 6; ++round) {
    sent.push_back("round " + std::to_string(round));
    EXPECT_EQ(produced(story, "orders", sent.back()), ErrorCode::none);
    round % 2 == 0 ? story.crashes() : story.restarts();
    EXPECT_EQ(everything(story, "orders"), sent);
  }
}

TEST(Node, CrashesAtAnyMomentWithoutHarm) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BrokerStory story({}, seed);
    story.has_topic("orders");
    auto client = story.connect();
    std::size_t acknowledged = 0;
    for (int i = 0; i < 10; ++i) {
      client.ask(produce_request("orders", batch_of({std::to_string(i)})), 7);
    }
    while (acknowledged < seed % 10 && client.receive(seconds(5))) ++acknowledged;
    story.pass(microseconds(137 * static_cast<std::int64_t>(seed)));
    client.close();
    story.crashes();
    const auto kept = everything(story, "orders");
    EXPECT_GE(kept.size(), acknowledged) << seed;
    for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i], std::to_string(i));
  }
}

TEST(Node, ToldAnotherClusterIdDoesNotStart) {
  BrokerStory story;
  ASSERT_TRUE(story.machine().run(story.node().stop()).has_value());
  story.set("cluster.id", "AAAAAAAAAAAAAAAAAAAABQ");
  const auto started = story.starts();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().what().find("cluster.id"), std::string::npos);
}

TEST(Node, DoesNotStartInADirectoryThatAnotherHolds) {
  BrokerStory story;
  Node second(story.machine().env(), story.options());
  const auto started = story.machine().run(second.start());
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().kind(), IoError::Kind::busy);
}

TEST(Node, DoesNotStartOnAPortThatAnotherHolds) {
  BrokerStory story;
  auto options = story.options();
  options.log_dirs = {"/data/other"};
  options.metadata_log_dir = "/data/other";
  Node second(story.machine().env(), options);
  const auto started = story.machine().run(second.start());
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().kind(), IoError::Kind::busy);
}

TEST(Node, FailsWhenItsMetadataCannotBeKept) {
  BrokerStory story;
  std::optional<IoError> reason;
  TaskGroup watching(story.machine().env().executor);
  watching.spawn("failure", sim::detail::keep_result(story.node().failure(), reason));
  story.pass(seconds(1));
  EXPECT_FALSE(reason.has_value());
  story.machine().volume().faults.arm(sim::DiskFault::write_error, "__cluster_metadata");
  auto client = story.connect();
  protocol::CreateTopicsRequest request;
  request.topics.emplace_back().name = "orders";
  request.topics[0].num_partitions = request.topics[0].replication_factor = 1;
  const auto refused = client.call<protocol::CreateTopicsResponse>(request, 7);
  EXPECT_EQ(refused.topics.at(0).error_code, ErrorCode::kafka_storage_error);
  story.pass(seconds(1));
  EXPECT_TRUE(reason.has_value());
}

TEST(Node, GoesOnWithTheOtherDirectoriesWhenOneFails) {
  BrokerStory story(metadata::Settings{{"log.dirs", "/data/a,/data/b"}});
  story.has_topic("orders", 4);
  story.machine().volume().faults.arm(sim::DiskFault::write_error, "/data/b");
  std::map<ErrorCode, int> answers;
  auto client = story.connect();
  for (std::int32_t round = 0; round < 8; ++round) {
    const auto response = client.call<protocol::ProduceResponse>(
        produce_request("orders", batch_of({"a"}), -1, round % 4), 7);
    ++answers[only_partition(response).error_code];
  }
  EXPECT_EQ(answers[ErrorCode::none], 4);
  EXPECT_EQ(answers[ErrorCode::kafka_storage_error], 4);
}

TEST(Node, TellsClientsWhatIsAdvertised) {
  BrokerStory story(metadata::Settings{{"advertised.listeners", "PLAINTEXT://elsewhere:1234"}});
  EXPECT_EQ(story.node().endpoints(), std::vector<Endpoint>{Endpoint("elsewhere", 1234)});
}

}  // namespace
}  // namespace trialog::node
