#include <gtest/gtest.h>

#include <set>

#include "core/client/connection_pool.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/describe_cluster.h"
#include "core/protocol/messages/describe_producers.h"
#include "core/protocol/messages/update_features.h"
#include "tests/unit/cluster/cluster_story.h"

namespace trialog::node::test {
namespace {

/// Creates a topic and says what went wrong; empty if nothing did.
Task<std::string> create(client::Admin& admin, client::NewTopic topic) {
  auto made = co_await admin.create_topic(std::move(topic));
  co_return made ? std::string() : made.error().text();
}

client::NewTopic three_fold(const std::string& name, std::int32_t partitions = 1) {
  client::NewTopic topic(name, partitions, 3);
  topic.configs["min.insync.replicas"] = "2";
  return topic;
}

class Clients {
 public:
  explicit Clients(ClusterStory& story)
      : story_(story), admin_(story.client(), connection_to(story)), producer_(make_producer()) {}

  std::string creates(client::NewTopic topic) {
    return story_.run(create(admin_, std::move(topic)));
  }
  /// Whether the record was acknowledged.
  bool sends(const std::string& topic, const std::string& value) {
    client::Record record;
    record.topic = topic;
    record.partition = 0;
    record.value = Bytes::copy_of(value);
    const auto sent = story_.run(producer_->send(std::move(record)));
    if (!sent.acknowledged())
      ADD_FAILURE() << (sent.error ? sent.error->text() : "not acknowledged");
    return sent.acknowledged();
  }
  std::vector<std::string> reads(const std::string& topic, std::size_t count) {
    client::ConsumerOptions options;
    static_cast<client::ConnectionOptions&>(options) = connection_to(story_);
    options.auto_offset_reset = client::OffsetReset::earliest;
    client::Consumer consumer(story_.client(), options);
    consumer.assign({TopicPartition(topic, 0)});
    std::vector<std::string> values;
    const auto end = story_.world().now() + seconds(60);
    while (values.size() < count && story_.world().now() < end) {
      const auto polled = story_.run(consumer.poll(seconds(1)));
      if (!polled) continue;
      for (const auto& record : *polled) {
        values.push_back(std::string(as_text(record.value->view())));
      }
    }
    return values;
  }

 private:
  std::unique_ptr<client::Producer> make_producer() {
    client::ProducerOptions options;
    static_cast<client::ConnectionOptions&>(options) = connection_to(story_);
    options.request_timeout = seconds(3);
    return std::make_unique<client::Producer>(story_.client(), options);
  }

  ClusterStory& story_;
  client::Admin admin_;
  std::unique_ptr<client::Producer> producer_;
};

TEST(Cluster, ElectsOneControllerAndLetsEveryBrokerIn) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ClusterStory story(seed, 3);
    ASSERT_TRUE(story.all_serving()) << "seed " << seed;
    ASSERT_NE(story.controller(), 0) << "seed " << seed;
    const auto image = story.node(story.controller()).image();
    EXPECT_EQ(image->brokers().size(), 3u);
    for (const auto& [id, broker] : image->brokers()) EXPECT_FALSE(broker.fenced) << id.value;
  }
}

TEST(Cluster, KeepsAReplicaOnEachBroker) {
  ClusterStory story(11, 3);
  ASSERT_TRUE(story.all_serving());
  Clients clients(story);
  ASSERT_EQ(clients.creates(three_fold("orders")), "");
  ASSERT_TRUE(clients.sends("orders", "one"));
  for (int id = 1; id <= 3; ++id) {
    EXPECT_TRUE(story.until([&] {
      const auto replica = story.node(id).replicas().find("orders", 0);
      return replica && replica->log->end() == Offset(1);
    })) << "broker "
        << id;
  }
}

TEST(Cluster, LosesNothingWhenTheLeaderOfAPartitionCrashes) {
  for (std::uint64_t seed = 21; seed <= 25; ++seed) {
    ClusterStory story(seed, 3);
    ASSERT_TRUE(story.all_serving());
    Clients clients(story);
    ASSERT_EQ(clients.creates(three_fold("orders")), "");
    ASSERT_TRUE(clients.sends("orders", "before"));
    const int leader = story.partition(1, "orders").leader.value;
    story.crashes(leader);
    ASSERT_TRUE(clients.sends("orders", "after")) << "seed " << seed;
    EXPECT_EQ(clients.reads("orders", 2), (std::vector<std::string>{"before", "after"}));
    story.boots(leader);
    ASSERT_TRUE(story.all_serving());
    const int other = leader % 3 + 1;
    EXPECT_TRUE(story.until([&] { return story.partition(other, "orders").isr.size() == 3; }))
        << "the crashed one comes back into the in-sync set, seed " << seed;
  }
}

TEST(Cluster, GoesOnWithAnotherControllerWhenTheFirstCrashes) {
  for (std::uint64_t seed = 31; seed <= 35; ++seed) {
    ClusterStory story(seed, 3);
    ASSERT_TRUE(story.all_serving());
    Clients clients(story);
    ASSERT_EQ(clients.creates(three_fold("orders")), "");
    ASSERT_TRUE(clients.sends("orders", "before"));
    const int first = story.controller();
    story.crashes(first);
    ASSERT_TRUE(story.until([&] { return story.controller() != 0; })) << "seed " << seed;
    EXPECT_NE(story.controller(), first);
    EXPECT_EQ(clients.creates(three_fold("later")), "") << "seed " << seed;
    ASSERT_TRUE(clients.sends("orders", "after"));
    EXPECT_EQ(clients.reads("orders", 2), (std::vector<std::string>{"before", "after"}));
  }
}

TEST(Cluster, ComesBackAfterEveryBrokerLostPowerAtOnce) {
  ClusterStory story(41, 3);
  ASSERT_TRUE(story.all_serving());
  Clients clients(story);
  ASSERT_EQ(clients.creates(three_fold("orders")), "");
  ASSERT_TRUE(clients.sends("orders", "before"));
  for (int id = 1; id <= 3; ++id) story.crashes(id);
  story.passes(seconds(3));
  story.boots_all();
  ASSERT_TRUE(story.all_serving());
  ASSERT_TRUE(clients.sends("orders", "after"));
  EXPECT_EQ(clients.reads("orders", 2), (std::vector<std::string>{"before", "after"}));
}

TEST(Cluster, RestartsOneByOneWithoutARecordRefused) {
  ClusterStory story(51, 3);
  ASSERT_TRUE(story.all_serving());
  Clients clients(story);
  ASSERT_EQ(clients.creates(three_fold("orders")), "");
  std::vector<std::string> sent;
  for (int id = 1; id <= 3; ++id) {
    sent.push_back("before " + std::to_string(id));
    ASSERT_TRUE(clients.sends("orders", sent.back()));
    EXPECT_TRUE(story.stops(id));
    sent.push_back("while " + std::to_string(id) + " is away");
    ASSERT_TRUE(clients.sends("orders", sent.back()));
    story.boots(id);
    ASSERT_TRUE(story.all_serving());
    const int other = id % 3 + 1;
    ASSERT_TRUE(story.until([&] { return story.partition(other, "orders").isr.size() == 3; }));
  }
  EXPECT_EQ(clients.reads("orders", sent.size()), sent);
}

/// The first that it asks cannot reach the controller, the second cannot be reached at all.
TEST(Cluster, AnAdministratorGoesPastBrokersThatAreCutOff) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ClusterStory story(seed, 5);
    ASSERT_TRUE(story.all_serving());
    Clients clients(story);
    ASSERT_EQ(clients.creates(three_fold("orders")), "");
    for (const char* other : {"broker1", "broker2", "broker3", "broker4"}) {
      story.fabric().cut_both("broker5", other);
    }
    story.fabric().isolate("broker4");
    EXPECT_EQ(clients.creates(three_fold("audit")), "") << "seed " << seed;
  }
}

TEST(Cluster, IsOneRunForOneSeed) {
  const auto hash = [] {
    ClusterStory story(61, 3);
    EXPECT_TRUE(story.all_serving());
    Clients clients(story);
    EXPECT_EQ(clients.creates(three_fold("orders", 3)), "");
    EXPECT_TRUE(clients.sends("orders", "one"));
    story.crashes(2);
    story.passes(seconds(20));
    return story.world().hash();
  };
  EXPECT_EQ(hash(), hash());
}

/// What one node alone answers.
template <class Response, class Request>
Task<Response> answer_of(Env& env, Endpoint at, Request request,
                         std::int16_t limit = client::Link::any) {
  client::ConnectionOptions options;
  options.bootstrap = {at};
  Signal news(env.executor);
  client::ConnectionPool pool(env, options, news);
  NodeId whom(0);
  auto link = co_await pool.any(whom, env.clock.now() + seconds(10));
  CHECK(link.has_value());
  auto response = co_await (*link)->template ask<Response>(request, Duration(), limit);
  CHECK(response.has_value());
  co_return std::move(*response);
}

/// The controllers, as one of them tells an administrator that asks it alone (KIP-919).
protocol::DescribeClusterResponse controllers(ClusterStory& story, const Endpoint& at) {
  protocol::DescribeClusterRequest request;
  request.endpoint_type = 2;
  return story.run(answer_of<protocol::DescribeClusterResponse>(story.client(), at, request));
}

TEST(Cluster, EachControllerTellsWhereAllOfThemAreItselfIncluded) {
  ClusterStory story(1, 3);
  ASSERT_TRUE(story.all_serving());
  for (const int id : {1, 2, 3}) {
    const Endpoint at("broker" + std::to_string(id), 9093);
    const auto told = controllers(story, at);
    EXPECT_EQ(told.controller_id, story.controller());
    std::set<int> named;
    for (const auto& each : told.brokers) named.insert(each.broker_id);
    EXPECT_EQ(named, (std::set<int>{1, 2, 3}));
  }
}

/// Old versions have fields that the newest, in which brokers pass requests on, lacks.
TEST(Cluster, WhatOldVersionsSayReachesTheController) {
  ClusterStory story(1, 3);
  ASSERT_TRUE(story.all_serving());
  Clients clients(story);
  for (const int id : {1, 2, 3}) {
    const Endpoint at("broker" + std::to_string(id), 9092);
    ASSERT_EQ(clients.creates(three_fold("orders")), "");
    protocol::DeleteTopicsRequest gone;
    gone.topic_names = {"orders"};
    gone.timeout_ms = 5000;
    const auto deleted =
        story.run(answer_of<protocol::DeleteTopicsResponse>(story.client(), at, gone, 5));
    ASSERT_EQ(deleted.responses.size(), 1u);
    EXPECT_EQ(deleted.responses[0].name, "orders");
    EXPECT_EQ(deleted.responses[0].error_code, ErrorCode::none);
    protocol::UpdateFeaturesRequest lower;
    auto& update = lower.feature_updates.emplace_back();
    update.feature = "nonsense";
    update.allow_downgrade = true;
    const auto refused =
        story.run(answer_of<protocol::UpdateFeaturesResponse>(story.client(), at, lower, 0));
    ASSERT_EQ(refused.results.size(), 1u);
    EXPECT_EQ(refused.results[0].error_code, ErrorCode::invalid_update_version)
        << error_name(refused.results[0].error_code);
  }
}

TEST(Cluster, EveryReplicaTellsTheProducersOfItsLogAndNobodyElseDoes) {
  ClusterStory story(1, 3);
  ASSERT_TRUE(story.all_serving());
  Clients clients(story);
  ASSERT_EQ(clients.creates(three_fold("orders")), "");
  ASSERT_EQ(clients.creates(client::NewTopic("single", 1, 1)), "");
  ASSERT_TRUE(clients.sends("orders", "a"));
  ASSERT_TRUE(clients.sends("single", "a"));
  story.passes(seconds(5));
  protocol::DescribeProducersRequest request;
  for (const char* name : {"orders", "single"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.partition_indexes = {0};
  }
  std::multiset<ErrorCode> of_single;
  std::set<std::int64_t> producers;
  for (const int id : {1, 2, 3}) {
    const Endpoint at("broker" + std::to_string(id), 9092);
    const auto told =
        story.run(answer_of<protocol::DescribeProducersResponse>(story.client(), at, request));
    const auto& orders = told.topics.at(0).partitions.at(0);
    EXPECT_EQ(orders.error_code, ErrorCode::none);
    ASSERT_EQ(orders.active_producers.size(), 1u);
    producers.insert(orders.active_producers[0].producer_id);
    of_single.insert(told.topics.at(1).partitions.at(0).error_code);
  }
  EXPECT_EQ(producers.size(), 1u);
  EXPECT_EQ(of_single.count(ErrorCode::none), 1u);
  EXPECT_EQ(of_single.count(ErrorCode::not_leader_or_follower), 2u);
}

}  // namespace
}  // namespace trialog::node::test
