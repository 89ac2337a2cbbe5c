#include "core/replication/metadata_host.h"

#include <gtest/gtest.h>

#include <set>

#include "core/records/control.h"
#include "core/records/record.h"
#include "core/replication/metadata_replay.h"
#include "tests/unit/metadata/host_story.h"

namespace trialog::replication::test {
namespace {

TEST(MetadataHost, ShowsATopicOnceItIsKeptAndItsLogsAreThere) {
  HostStory story(1);
  const auto id = story.creates("orders", 2);
  EXPECT_EQ(story.image().topic("orders")->id, id);
  EXPECT_EQ(story.metadata_log().committed_end(), story.image().end());
  ASSERT_TRUE(story.log("orders", 1));
  EXPECT_EQ(story.log("orders", 1)->topic_id(), id);
  EXPECT_EQ(story.log("orders", 2), nullptr);
}

TEST(MetadataHost, KnowsAfterACrashWhatItAnswered) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    HostStory story(seed);
    const auto id = story.creates("orders", 3, {{"retention.ms", "5000"}});
    story.creates("gone");
    story.deletes("gone");
    story.sets("", "log.roll.ms", "7000");
    story.crashes();
    EXPECT_EQ(story.image().topics().size(), 1u);
    EXPECT_EQ(story.image().topic("orders")->id, id);
    EXPECT_EQ(story.image().settings({metadata::ResourceType::topic, "orders"}).size(), 1u);
    EXPECT_EQ(story.image().settings({metadata::ResourceType::broker, ""}).at("log.roll.ms"),
              "7000");
  }
}

TEST(MetadataHost, BeginsANewEpochWithEachStart) {
  HostStory story(2);
  EXPECT_EQ(story.metadata_log().latest_epoch(), Epoch(1));
  const auto before = story.metadata_log().end();
  story.crashes();
  EXPECT_EQ(story.metadata_log().latest_epoch(), Epoch(2));
  EXPECT_EQ(story.metadata_log().end_of(Epoch(1)).end, before);
  const auto chain =
      story.node().run(story.metadata_log().read(before, story.metadata_log().committed_end(), 1));
  const auto bytes = std::get<Bytes>(chain->pieces()[0]);
  const auto batch = records::Batch::parse(bytes).value();
  EXPECT_TRUE(batch.is_control());
  EXPECT_EQ(batch.leader_epoch(), Epoch(2));
  // Kafka's own dump tool prints {"version":0,"leaderId":1,"voters":[{"voterId":1}],...}.
  const auto leader_1 =
      "000000000001020000000100020000000100"
      "00";
  EXPECT_NE(to_hex(batch.payload()).find(leader_1), std::string::npos) << to_hex(batch.payload());
}

TEST(MetadataHost, RaisesLeaderEpochsWithEachStart) {
  HostStory story(3);
  story.creates("orders");
  EXPECT_EQ(story.replicas().find("orders", 0)->leader_epoch, Epoch(0));
  story.appends("orders");
  story.crashes();
  // One when the broker is fenced because it came back, and one when it leads again.
  EXPECT_EQ(story.replicas().find("orders", 0)->leader_epoch, Epoch(2));
  EXPECT_EQ(story.log("orders")->latest_epoch(), Epoch(2));
  EXPECT_EQ(story.log("orders")->end_of(Epoch(0)).end, Offset(1));
}

TEST(MetadataHost, GivesEachProducerItsOwnIdAlsoAcrossCrashes) {
  HostStory story(4);
  std::set<ProducerId> ids;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ids.insert(*story.producer_id()).second);
    story.crashes();
  }
  EXPECT_EQ(ids.size(), 9u);
  EXPECT_EQ(story.image().next_producer_id(), ProducerId(3000)) << "one block a round";
}

Task<void> take_id(ProducerIds& producer_ids, std::vector<ProducerId>& into) {
  const auto id = co_await producer_ids.next();
  if (id) into.push_back(*id);
}

TEST(MetadataHost, ServesAllWhoWaitForProducerIdsFromOneBlock) {
  HostStory story(5);
  std::vector<ProducerId> ids;
  TaskGroup group(story.node().env().executor);
  for (int i = 0; i < 1500; ++i) group.spawn("take", take_id(story.producer_ids(), ids));
  story.node().run(group.all_done());
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 1500u);
  EXPECT_EQ(story.image().next_producer_id(), ProducerId(2000));
}

Task<void> create_one(MetadataHost& host, std::string name, int& created) {
  const auto decide = [&name](metadata::Controller& controller, Instant now, Ticket ticket) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = topic.replication_factor = -1;
    return controller.create_topics(now, ticket, request);
  };
  const auto reply = co_await host.ask(decide);
  if (!reply) co_return;
  const auto& topics = std::get<protocol::CreateTopicsResponse>(*reply).topics;
  if (topics.at(0).error_code == ErrorCode::none && host.image()->topic(name)) ++created;
}

TEST(MetadataHost, AnswersMoreWhileEarlierOnesWaitForTheirSync) {
  HostStory story(6);
  int created = 0;
  TaskGroup group(story.node().env().executor);
  for (int i = 0; i < 50; ++i) {
    group.spawn("create", create_one(story.metadata(), "t" + std::to_string(i), created));
  }
  story.node().run(group.all_done());
  EXPECT_EQ(created, 50);
}

TEST(MetadataHost, GoesOnWhenOneWhoAskedHasLeft) {
  HostStory story(7);
  int created = 0;
  {
    TaskGroup group(story.node().env().executor);
    group.run("create", create_one(story.metadata(), "left", created));
    EXPECT_EQ(created, 0) << "it waits for the sync";
  }
  story.creates("next");
  EXPECT_TRUE(story.image().topic("left")) << "what was decided is decided";
}

TEST(MetadataHost, RefusesEverythingOnceItsLogHasFailed) {
  HostStory story(8);
  story.creates("before");
  story.node().volume().faults.arm(sim::DiskFault::sync_error);
  EXPECT_EQ(story.tries_to_create("during").error(), ErrorCode::kafka_storage_error);
  EXPECT_TRUE(story.metadata().failed());
  EXPECT_FALSE(story.image().topic("during"));
  EXPECT_EQ(story.tries_to_create("after").error(), ErrorCode::kafka_storage_error);
  EXPECT_EQ(story.producer_id().error(), ErrorCode::kafka_storage_error);
}

Task<void> wait_for_failure(MetadataHost& host) {
  while (!host.failed()) co_await host.changed().wait();
}

TEST(MetadataHost, NoticesThatItsLogFailedWhileNobodyAsks) {
  HostStory story(9);
  story.creates("orders");
  story.node().volume().faults.arm(sim::DiskFault::sync_error);
  const auto log = story.log("orders");
  ASSERT_TRUE(log->append_as_leader(one_record(), Epoch(0)).has_value());
  story.node().run(wait_for_failure(story.metadata()));
  EXPECT_TRUE(story.metadata().failed());
}

records::Batch batch_of(Offset base, const std::vector<Bytes>& values) {
  records::BatchOptions options;
  options.base = base;
  records::BatchBuilder builder(options);
  for (const auto& value : values) builder.add(wall_time(1), std::nullopt, value.view());
  return builder.build();
}

TEST(MetadataReplay, RefusesALogThatCannotBe) {
  metadata::Image image;
  std::int64_t passed_over = 0;
  const auto why = [&](const records::Batch& batch) {
    const auto done = apply_batch(batch, image, passed_over);
    return done ? "" : done.error().what();
  };
  protocol::RemoveTopicRecord remove;
  EXPECT_EQ(why(batch_of(Offset(0), {metadata::encode_record(remove)})),
            "the metadata log at offset 0: no topic with id " + Uuid().text());
  EXPECT_EQ(why(batch_of(Offset(5), {Bytes::copy_of("what?")})),
            "the metadata log at offset 5: not a record of the metadata log");
  EXPECT_EQ(why(batch_of(Offset(7), {metadata::encode_record(protocol::NoOpRecord())})), "");
  EXPECT_EQ(why(batch_of(Offset(7), {metadata::encode_record(protocol::NoOpRecord())})),
            "the metadata log at offset 7: a batch that was there before");
}

TEST(MetadataReplay, CountsWhatItPassesOver) {
  metadata::Image image;
  std::int64_t passed_over = 0;
  const auto unknown = Bytes(from_hex("01e8070000"));
  ASSERT_TRUE(apply_batch(batch_of(Offset(0), {unknown, unknown}), image, passed_over));
  EXPECT_EQ(passed_over, 2);
  EXPECT_EQ(image.end(), Offset(2));
}

}  // namespace
}  // namespace trialog::replication::test
