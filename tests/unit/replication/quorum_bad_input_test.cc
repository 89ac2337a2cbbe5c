#include <gtest/gtest.h>

#include "tests/unit/replication/quorum_story.h"

namespace trialog::replication::test {
namespace {

using Voters = QuorumStory::Voters;

/// A quorum of three after some work, of which node 2 is off.
class BadInput : public testing::Test {
 protected:
  BadInput() : story(1, 3) {
    story.does_some_work(3);
    story.crashes(2);
  }
  std::string trouble_of(int id) {
    story.restarts(id);
    story.passes(seconds(2));
    return story.node(id).trouble();
  }
  bool complains_of(int id, const std::string& part) {
    const auto why = trouble_of(id);
    EXPECT_NE(why.find(part), std::string::npos) << why;
    return why.find(part) != std::string::npos;
  }

  QuorumStory story;
};

TEST_F(BadInput, ABallotThatIsNoJson) {
  story.writes(2, "quorum-state", "{\"leaderId\":");
  EXPECT_TRUE(complains_of(2, "quorum-state: this is not JSON"));
}

TEST_F(BadInput, ABallotWithoutItsVersion) {
  story.writes(2, "quorum-state", "{\"leaderId\":1,\"leaderEpoch\":1,\"votedId\":-1}");
  EXPECT_TRUE(complains_of(2, "data_version is not 0 or 1"));
}

TEST_F(BadInput, ABallotOfANegativeEpoch) {
  story.writes(2, "quorum-state",
               "{\"leaderId\":1,\"leaderEpoch\":-7,\"votedId\":-1,"
               "\"votedDirectoryId\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"data_version\":1}");
  EXPECT_TRUE(complains_of(2, "a negative epoch or id"));
}

TEST_F(BadInput, ABallotOfAnotherCluster) {
  auto text = story.reads(2, "quorum-state");
  const auto at = text.find("5L6g3nShT-eMCtK--X86sw");
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, 4, "zzzz");
  story.writes(2, "quorum-state", text);
  EXPECT_TRUE(complains_of(2, "but this cluster is 5L6g3nShT-eMCtK--X86sw"));
}

TEST_F(BadInput, VotersThatDisagreeWithTheBallot) {
  story.options(2).static_voters.pop_back();
  EXPECT_TRUE(complains_of(2, "the voters were 1, 2, 3, but are configured as 1, 2"));
}

TEST_F(BadInput, TheBallotOfKafkaIsRead) {
  story.writes(2, "quorum-state",
               "{\"leaderId\":-1,\"leaderEpoch\":50,\"votedId\":3,"
               "\"votedDirectoryId\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"data_version\":1}");
  EXPECT_EQ(trouble_of(2), "");
  story.does_some_work(1);
  EXPECT_GT(story.quorum(2).epoch(), Epoch(50));
}

TEST_F(BadInput, AVoterThatIsNoController) {
  story.options(2).voter = false;
  EXPECT_TRUE(complains_of(2, "but not a controller"));
}

TEST_F(BadInput, NobodyToAskForTheVoters) {
  story.options(2).static_voters.clear();
  story.options(2).bootstrap.clear();
  EXPECT_TRUE(complains_of(2, "there are no voters"));
}

TEST_F(BadInput, ALogWithoutABallot) {
  story.restarts(2);
  story.does_some_work(1);
  story.crashes(2);
  story.machine(2).start(sim::idle_program);
  const auto removed =
      story.run(2, story.env(2).disk.remove("/data/kafka/__cluster_metadata-0/quorum-state"));
  ASSERT_TRUE(removed.has_value());
  story.machine(2).stop();
  EXPECT_EQ(trouble_of(2), "");
  const auto end = story.does_some_work(1);
  EXPECT_TRUE(story.commits({1, 2, 3}, end));
}

TEST(QuorumBadInput, ADamagedSnapshotIsSetAsideAndFetchedAgain) {
  QuorumStory story(3, 3, Voters::recorded);
  story.does_some_work(3);
  const auto id = story.writes_snapshot(2, {"state"});
  story.crashes(2);
  const auto name = snapshot_name(id);
  auto bytes = story.reads(2, name);
  story.writes(2, name, bytes.substr(0, bytes.size() / 2));
  story.restarts(2);
  ASSERT_TRUE(story.waits_while([&] { return !story.ready(2); }));
  EXPECT_EQ(story.notes("snapshot.damaged").size(), 1u);
  EXPECT_FALSE(story.quorum(2).latest_snapshot().has_value());
  const auto end = story.does_some_work(1);
  EXPECT_TRUE(story.commits({1, 2, 3}, end));
}

TEST(QuorumBadInput, ALogWhoseSnapshotIsDamagedDoesNotStart) {
  QuorumStory story(4, 3, Voters::recorded);
  for (int i = 0; i < 2; ++i) {
    story.does_some_work(3);
    story.writes_snapshot(2, {"state"});
  }
  story.does_some_work(1);
  std::vector<std::string> names;
  for (const auto& name : story.files(2)) {
    if (name.ends_with(".checkpoint")) names.push_back(name);
  }
  ASSERT_EQ(names.size(), 2u);
  story.crashes(2);
  story.writes(2, names[1], "garbage");
  story.restarts(2);
  story.passes(seconds(1));
  EXPECT_EQ(story.node(2).trouble(), "");  // The older one reaches the log.
  story.crashes(2);
  story.writes(2, names[0], "garbage");
  story.restarts(2);
  story.passes(seconds(1));
  EXPECT_NE(story.node(2).trouble().find("no whole snapshot"), std::string::npos);
}

TEST(QuorumBadInput, APeerOfAnotherClusterIsRefused) {
  QuorumStory story(5, 3);
  const auto leader = story.leader();
  auto& quorum = story.quorum(leader);
  protocol::FetchRequest fetch;
  fetch.cluster_id = "another";
  auto& topic = fetch.topics.emplace_back();
  topic.topic = "__cluster_metadata";
  topic.topic_id = metadata_topic_id();
  auto& partition = topic.partitions.emplace_back();
  EXPECT_EQ(story.run(leader, quorum.fetch(fetch)).error_code, ErrorCode::inconsistent_cluster_id);
  protocol::VoteRequest vote;
  vote.cluster_id = "another";
  EXPECT_EQ(story.run(leader, quorum.vote(vote)).error_code, ErrorCode::inconsistent_cluster_id);
  vote.cluster_id.reset();
  EXPECT_EQ(story.run(leader, quorum.vote(vote)).error_code, ErrorCode::invalid_request);

  fetch.cluster_id.reset();
  fetch.replica_state.replica_id = 2;
  const auto error = [&](Epoch epoch) {
    partition.current_leader_epoch = epoch.value;
    return story.run(leader, quorum.fetch(fetch)).responses.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(error(Epoch(quorum.epoch().value + 1)), ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(error(Epoch(quorum.epoch().value - 1)), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(error(quorum.epoch()), ErrorCode::none);
  partition.fetch_offset = -5;
  EXPECT_EQ(story.run(leader, quorum.fetch(fetch)).error_code, ErrorCode::invalid_request);
  partition.fetch_offset = 1000;
  partition.last_fetched_epoch = 1000;
  const auto far = story.run(leader, quorum.fetch(fetch)).responses.at(0).partitions.at(0);
  EXPECT_EQ(far.diverging_epoch.epoch, quorum.epoch().value);
  fetch.topics.push_back(fetch.topics[0]);
  EXPECT_EQ(story.run(leader, quorum.fetch(fetch)).error_code, ErrorCode::invalid_request);
  const auto other = leader == 1 ? 2 : 1;
  fetch.topics.pop_back();
  fetch.topics[0].partitions[0].current_leader_epoch = story.quorum(other).epoch().value;
  fetch.topics[0].partitions[0].fetch_offset = 0;
  const auto refused = story.run(other, story.quorum(other).fetch(fetch));
  EXPECT_EQ(refused.responses.at(0).partitions.at(0).error_code, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(refused.responses.at(0).partitions.at(0).current_leader.leader_id, leader);
  EXPECT_EQ(refused.node_endpoints.at(0).host, "node" + std::to_string(leader));
}

TEST(QuorumBadInput, ASnapshotThatIsNotThere) {
  QuorumStory story(6, 1, Voters::recorded);
  story.does_some_work(3);
  const auto id = story.writes_snapshot(1, {"state"});
  protocol::FetchSnapshotRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "__cluster_metadata";
  auto& part = topic.partitions.emplace_back();
  part.current_leader_epoch = story.quorum(1).epoch().value;
  const auto error = [&] {
    const auto response = story.run(1, story.quorum(1).fetch_snapshot(request));
    return response.topics.at(0).partitions.at(0).error_code;
  };
  part.snapshot_id.end_offset = 999;
  EXPECT_EQ(error(), ErrorCode::snapshot_not_found);
  part.snapshot_id.end_offset = id.end.value;
  part.snapshot_id.epoch = id.epoch.value;
  EXPECT_EQ(error(), ErrorCode::none);
  part.position = 1 << 30;
  EXPECT_EQ(error(), ErrorCode::position_out_of_range);
  part.position = -1;
  EXPECT_EQ(error(), ErrorCode::position_out_of_range);
  topic.name = "orders";
  EXPECT_EQ(error(), ErrorCode::unknown_topic_or_partition);
}

}  // namespace
}  // namespace trialog::replication::test
