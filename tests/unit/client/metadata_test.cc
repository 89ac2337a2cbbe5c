#include <gtest/gtest.h>

#include <utility>

#include "core/protocol/messages/metadata.h"
#include "tests/unit/client/producer_verbs.h"

namespace trialog::client {
namespace {

using protocol::MetadataResponse;

constexpr std::int16_t identity_api = 22;

/// Two brokers, "broker" with the id 1 and "other" with the id 2; the first leads everything.
class TwoBrokers : public testing::Test {
 protected:
  TwoBrokers() {
    other.id = NodeId(2);
    other.endpoint = Endpoint("other", 9092);
    story.broker.retold = other.retold = [this](auto& response) { tell(response); };
    story.datacenter.machine("other").start([this](Env env) { return fake_broker(env, other); });
  }

  void tell(MetadataResponse& response) {
    response.brokers.clear();
    response.brokers.push_back({1, "broker", 9092});
    response.brokers.push_back({2, "other", 9092});
    lead(response, 1, 5);
  }
  /// The view from before the first broker was there.
  void tell_of_before(MetadataResponse& response) {
    response.brokers.clear();
    response.brokers.push_back({2, "other", 9092});
    lead(response, 2, 4);
  }
  void lead(MetadataResponse& response, std::int32_t leader, std::int32_t epoch) {
    for (auto& topic : response.topics) {
      for (auto& partition : topic.partitions) {
        partition.leader_id = leader;
        partition.leader_epoch = epoch;
      }
    }
  }
  /// The connection to the leader breaks, so that the client asks who leads; then it sends again.
  void lose_one_answer() {
    story.broker.script = [this](const Asked& asked) {
      Order order;
      if (is_produce(asked) && !lost) lost = true, order.act = Act::serve_and_hang_up;
      return order;
    };
  }

  FakeState other;  // Outlives the machines.
  ClientStory story;
  bool lost = false;
};

TEST_F(TwoBrokers, ALeaderIsFoundAgainAfterAnAnswerFromBeforeItWasThere) {
  Producer producer(story.env(), story.producer());
  SendResult first, second;
  story.plays(send_one(producer, Record("orders", "k", "1"), first));
  lose_one_answer();
  bool told_of_before = false;
  story.broker.retold = other.retold = [&](auto& response) {
    std::exchange(told_of_before, true) ? tell(response) : tell_of_before(response);
  };
  story.plays(send_one(producer, Record("orders", "k", "2"), second), seconds(10));
  EXPECT_TRUE(told_of_before);
  EXPECT_TRUE(second.acknowledged());
  expect_exactly(story, {"1", "2"});
}

TEST_F(TwoBrokers, AnotherIsAskedWhenTheOneThatAnsweredStaysBehind) {
  Producer producer(story.env(), story.producer());
  SendResult first, second;
  story.plays(send_one(producer, Record("orders", "k", "1"), first));
  lose_one_answer();
  story.broker.retold = [&](auto& response) { tell_of_before(response); };
  story.plays(send_one(producer, Record("orders", "k", "2"), second), seconds(10));
  EXPECT_TRUE(second.acknowledged());
  expect_exactly(story, {"1", "2"});
}

TEST_F(TwoBrokers, AProducerIdIsAskedOfTheOtherWhenOneHasNone) {
  story.broker.script = [](const Asked& asked) {
    Order order;
    if (asked.api != identity_api) return order;
    order.act = Act::refuse;
    order.error = ErrorCode::coordinator_load_in_progress;
    return order;
  };
  Producer producer(story.env(), story.producer());
  SendResult result;
  story.plays(send_one(producer, Record("orders", "k", "v"), result), seconds(10));
  EXPECT_TRUE(result.acknowledged());
  EXPECT_EQ(story.broker.count(identity_api), 1u);
  EXPECT_EQ(other.count(identity_api), 1u);
}

}  // namespace
}  // namespace trialog::client
