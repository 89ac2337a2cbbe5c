#include "core/replication/replica_host.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/unit/log/sync_count.h"
#include "tests/unit/metadata/host_story.h"

namespace trialog::replication::test {
namespace {

TEST(ReplicaHost, FindsReplicasByNameAndById) {
  HostStory story(1);
  const auto id = story.creates("orders", 2);
  const auto replica = story.replicas().find("orders", 1);
  ASSERT_TRUE(replica);
  EXPECT_EQ(story.replicas().find(id, 1), replica);
  EXPECT_EQ(replica->partition, TopicPartition("orders", 1));
  EXPECT_EQ(replica->leader, NodeId(1));
  EXPECT_EQ(replica->topic->partitions.size(), 2u);
  EXPECT_FALSE(story.replicas().find("orders", 2));
  EXPECT_FALSE(story.replicas().find("others", 0));
  EXPECT_EQ(story.replicas().replicas().size(), 2u);
}

TEST(ReplicaHost, PutsTheLogsWhereTheControllerSaid) {
  HostStory story(2, {"/data/a", "/data/b"});
  story.creates("orders", 4);
  std::map<std::string, std::size_t> in;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& directory = story.directory(i);
    for (const auto& [index, partition] : story.image().topic("orders")->partitions) {
      const bool here = partition.directories.at(0).text() == directory.identity().directory_id;
      EXPECT_EQ(here, story.directory(i).find({"orders", index}) != nullptr);
      in[directory.path().string()] += here;
    }
  }
  EXPECT_EQ(in, (std::map<std::string, std::size_t>{{"/data/a", 2}, {"/data/b", 2}}));
}

TEST(ReplicaHost, KeepsRecordsAcrossACrash) {
  HostStory story(3, {"/data/a", "/data/b"});
  story.creates("orders", 2);
  story.appends("orders", 0);
  story.appends("orders", 1);
  story.crashes();
  EXPECT_EQ(story.log("orders", 0)->end(), Offset(1));
  EXPECT_EQ(story.log("orders", 1)->end(), Offset(1));
}

TEST(ReplicaHost, RemovesTheLogOfADeletedTopicUnderThoseWhoWait) {
  HostStory story(4);
  story.creates("orders");
  story.appends("orders");
  const auto log = story.log("orders");
  std::optional<bool> told;
  TaskGroup group(story.node().env().executor);
  group.run("wait", sim::detail::keep_result(log->committed(Offset(100)), told));
  EXPECT_FALSE(told);
  story.deletes("orders");
  story.node().run(group.all_done());
  EXPECT_EQ(told, false);
  EXPECT_TRUE(log->failed());
  EXPECT_EQ(log->append_as_leader(one_record(), Epoch(0)).error(), ErrorCode::kafka_storage_error);
  EXPECT_FALSE(story.replicas().find("orders", 0));
  EXPECT_EQ(story.entries("/data/a", "orders-0.").size(), 1u);
  EXPECT_TRUE(story.entries("/data/a", "orders-0.").at(0).ends_with("-delete"));
}

TEST(ReplicaHost, BeginsAnEmptyLogForATopicCreatedAgain) {
  HostStory story(5);
  story.creates("orders");
  story.appends("orders");
  story.deletes("orders");
  story.creates("orders");
  EXPECT_EQ(story.log("orders")->end(), Offset(0));
  story.crashes();
  EXPECT_EQ(story.log("orders")->end(), Offset(0));
}

/// The image without the topic; what has its name in `image` then, if it is to be made again.
std::shared_ptr<const metadata::Image> replaced(const metadata::Image& image,
                                                const std::string& name,
                                                std::optional<Uuid> again = {}) {
  auto next = std::make_shared<metadata::Image>(image);
  const auto old = next->topic(name);
  protocol::RemoveTopicRecord removed;
  removed.topic_id = old->id;
  next->apply(removed);
  if (!again) return next;
  protocol::TopicRecord topic;
  topic.name = name;
  topic.topic_id = *again;
  next->apply(topic);
  for (const auto& [index, partition] : old->partitions) {
    protocol::PartitionRecord record;
    record.partition_id = index;
    record.topic_id = *again;
    record.replicas = record.isr = {1};
    record.leader = 1;
    record.leader_epoch = record.partition_epoch = 0;
    record.directories = partition.directories;
    next->apply(record);
  }
  return next;
}

TEST(ReplicaHost, RemovesManyLogsWithTheSyncsOfOne) {
  std::vector<int> syncs;
  for (const std::int32_t partitions : {2, 100}) {
    HostStory story(12, {"/data/a", "/data/b"});
    story.creates("orders", partitions);
    story.creates("others");
    const log::SyncCount counted(story.node().world());
    ASSERT_TRUE(story.node().run(story.replicas().apply(replaced(story.image(), "orders"))));
    syncs.push_back(counted.count());
    EXPECT_EQ(story.entries("/data/a", "-delete").size(), partitions / 2u);
    EXPECT_EQ(story.entries("/data/b", "-delete").size(), partitions / 2u);
    EXPECT_EQ(story.replicas().replicas().size(), 1u);
    EXPECT_EQ(story.appends("others"), Offset(1));
  }
  EXPECT_EQ(syncs[0], syncs[1]);
}

TEST(ReplicaHost, ReplacesATopicThatIsDeletedAndMadeAgainAtOnce) {
  HostStory story(13);
  story.creates("orders", 300);  // More than are removed, or made, in one go.
  for (std::int32_t i = 0; i < 300; i += 50) story.appends("orders", i);
  Random random(1);
  const auto id = Uuid::random(random);
  ASSERT_TRUE(story.node().run(story.replicas().apply(replaced(story.image(), "orders", id))));
  EXPECT_EQ(story.entries("/data/a", "-delete").size(), 300u);
  EXPECT_TRUE(story.entries("/data/a", "-stray").empty());
  EXPECT_EQ(story.replicas().replicas().size(), 300u);
  for (std::int32_t i = 0; i < 300; ++i) {
    const auto replica = story.replicas().find(id, i);
    ASSERT_TRUE(replica && replica->log);
    EXPECT_EQ(replica->log->topic_id(), id);
    EXPECT_EQ(replica->log->end(), Offset(0));
  }
}

TEST(ReplicaHost, RemovesTheLogsOfADirectoryWhenAnotherFails) {
  HostStory story(14, {"/data/a", "/data/b"});
  story.creates("orders", 6);
  story.creates("others");
  story.node().volume().faults.arm(sim::DiskFault::write_error, "/data/b/orders");
  ASSERT_TRUE(story.node().run(story.replicas().apply(replaced(story.image(), "orders"))));
  EXPECT_TRUE(story.directory(1).failed());
  EXPECT_FALSE(story.directory(0).failed());
  EXPECT_EQ(story.entries("/data/a", "-delete").size(), 3u);
  EXPECT_TRUE(story.entries("/data/a", "orders").size() == 3u);
  EXPECT_FALSE(story.replicas().find("orders", 0));
}

TEST(ReplicaHost, SetsAsideWhatNoTopicAccountsFor) {
  HostStory story(6);
  const auto id = story.creates("orders");
  ASSERT_TRUE(story.node().run(story.directory().create({"stranger", 0}, id)).has_value());
  story.crashes();
  EXPECT_FALSE(story.directory().find({"stranger", 0}));
  ASSERT_EQ(story.entries("/data/a", "stranger-0").size(), 1u);
  EXPECT_TRUE(story.entries("/data/a", "stranger-0").at(0).ends_with("-stray"));
  EXPECT_TRUE(story.log("orders"));
}

TEST(ReplicaHost, SetsAsideALogOfTheRightNameAndAnotherTopic) {
  HostStory story(7);
  // As a delete leaves it if the crash comes before the directory is renamed.
  Random random(1);
  const auto created =
      story.node().run(story.directory().create({"orders", 0}, Uuid::random(random)));
  ASSERT_TRUE(created.has_value());
  const auto id = story.creates("orders");
  EXPECT_EQ(story.log("orders")->topic_id(), id);
  ASSERT_EQ(story.entries("/data/a", "-stray").size(), 1u);
}

TEST(ReplicaHost, GivesLogsTheSettingsOfTheirTopicAndBroker) {
  HostStory story(8);
  story.creates("own", 1, {{"retention.ms", "5000"}});
  story.creates("other");
  EXPECT_EQ(story.log("own")->options().retention_ms, 5000);
  EXPECT_EQ(story.log("other")->options().retention_ms, 604'800'000);
  story.sets("own", "segment.bytes", "2097152");
  story.sets("", "log.retention.ms", "6000");
  EXPECT_EQ(story.log("own")->options().segment_bytes, 2097152);
  EXPECT_EQ(story.log("own")->options().retention_ms, 5000);
  EXPECT_EQ(story.log("other")->options().retention_ms, 6000);
  story.crashes();
  EXPECT_EQ(story.log("own")->options().segment_bytes, 2097152);
  EXPECT_EQ(story.log("other")->options().retention_ms, 6000);
}

TEST(ReplicaHost, LetsLogsDropWhatIsTooOld) {
  HostStory story(9);
  story.creates("orders", 1, {{"retention.ms", "60000"}, {"segment.ms", "1"}});
  story.appends("orders");  // Its record is of 1970.
  TaskGroup group(story.node().env().executor);
  group.spawn("retain", story.replicas().retain(seconds(10)));
  story.node().run(story.node().env().clock.sleep(seconds(200)));
  EXPECT_EQ(story.log("orders")->start(), Offset(1));
}

TEST(ReplicaHost, HasNoLogWhereTheDirectoryHasFailed) {
  HostStory story(10, {"/data/a", "/data/b"});
  story.creates("orders", 4);
  story.node().volume().faults.arm(sim::DiskFault::write_error, "/data/b");
  std::shared_ptr<const Replica> hit, spared;
  for (std::int32_t i = 0; i < 4; ++i) {
    const bool here = story.directory(1).find({"orders", i}) != nullptr;
    (here ? hit : spared) = story.replicas().find("orders", i);
  }
  ASSERT_TRUE(hit && spared);
  const auto appended = hit->log->append_as_leader(one_record(), Epoch(0));
  ASSERT_TRUE(appended.has_value());
  EXPECT_FALSE(story.node().run(hit->log->committed(appended->end)));
  EXPECT_TRUE(story.directory(1).failed());
  EXPECT_FALSE(story.metadata().failed());
  EXPECT_FALSE(spared->log->failed());

  // A topic created now has replicas in the failed directory, which are not to be had.
  story.creates("later", 2);
  int offline = 0;
  for (std::int32_t i = 0; i < 2; ++i) offline += story.log("later", i) == nullptr;
  EXPECT_EQ(offline, 1);
}

/// The files of Kafka's sample directory, unpacked on the machine of the test.
std::filesystem::path kafka_sample(const std::string& name) {
  namespace fs = std::filesystem;
  const auto archive = fs::path(TRIALOG_KAFKA_DATA) / "log-samples" / (name + ".tgz");
  if (!fs::exists(archive)) return {};
  const auto into = fs::path(TRIALOG_BINARY_DIR) / "log-samples-replicas";
  fs::create_directories(into);
  const auto command = "tar -xzf '" + archive.string() + "' -C '" + into.string() + "'";
  return std::system(command.c_str()) == 0 ? into / name : fs::path();
}

TEST(ReplicaHost, TakesOverADirectoryThatKafkaWrote) {
  namespace fs = std::filesystem;
  const auto from = kafka_sample("clean");
  if (from.empty()) GTEST_SKIP() << "no log samples at " << TRIALOG_KAFKA_DATA;
  HostStory story(11, {"/data/ours"});
  story.stops();
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto bytes = as_bytes(text);
    story.puts("/data/kafka/" + entry.path().lexically_relative(from).string(),
               {bytes.begin(), bytes.end()});
  }
  story.stands_on({"/data/kafka"});
  const auto started = story.starts();
  ASSERT_TRUE(started.has_value()) << started.error().what();
  EXPECT_TRUE(story.entries("/data/kafka", "-stray").empty());
  ASSERT_TRUE(story.log("segments"));
  EXPECT_EQ(story.log("segments")->end(), Offset(1500));
  EXPECT_EQ(story.log("codecs")->end(), Offset(100));
  EXPECT_EQ(story.replicas().find("codecs", 0)->leader, NodeId(1));
  EXPECT_GT(story.log("codecs")->latest_epoch(), Epoch(0));
  EXPECT_EQ(story.producer_id(), ProducerId(1000));
  EXPECT_EQ(story.appends("codecs"), Offset(101));
  story.creates("ours");
  story.crashes();
  EXPECT_EQ(story.log("codecs")->end(), Offset(101));
  EXPECT_TRUE(story.image().topic("ours"));
}

}  // namespace
}  // namespace trialog::replication::test
