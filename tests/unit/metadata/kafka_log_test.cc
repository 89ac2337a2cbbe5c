#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/metadata/controller.h"
#include "core/records/compression.h"
#include "core/records/record.h"
#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

/// The metadata log of the sample `name`, unpacked; empty if there are no samples here.
std::vector<std::byte> sample(const std::string& name) {
  namespace fs = std::filesystem;
  const auto archive = fs::path(TRIALOG_KAFKA_DATA) / "log-samples" / (name + ".tgz");
  if (!fs::exists(archive)) return {};
  const auto into = fs::path(TRIALOG_BINARY_DIR) / "log-samples-metadata";
  fs::create_directories(into);
  const auto path = name + "/__cluster_metadata-0/00000000000000000000.log";
  const auto command = "tar -xzf '" + archive.string() + "' -C '" + into.string() + "' " + path;
  if (std::system(command.c_str()) != 0) return {};
  std::ifstream file(into / path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

struct Replayed {
  Image image;
  int used = 0;
  int passed_over = 0;
  int rewritten_alike = 0;  // Records that we encode to the bytes that Kafka wrote.
};

void replay_record(const records::Record& record, Replayed& into) {
  const auto value = Bytes::copy_of(*record.value);
  const auto decoded = decode_record(value);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().what() << " in " << to_hex(value.view());
  if (!*decoded) {
    ++into.passed_over;
    return;
  }
  ASSERT_EQ(into.image.problem(**decoded), "");
  into.image.apply(**decoded);
  ++into.used;
  if (encode_record(**decoded) == value) ++into.rewritten_alike;
}

Replayed replay(const std::vector<std::byte>& bytes) {
  Replayed result;
  const Bytes log{std::vector<std::byte>(bytes)};
  for (std::size_t at = 0; at < log.size();) {
    const auto size = records::Batch::size_at(log.view().subspan(at));
    if (!size || *size <= 0 || static_cast<std::size_t>(*size) > log.size() - at) break;
    const auto batch = records::Batch::parse(log.slice(at, static_cast<std::size_t>(*size)));
    if (!batch) break;
    at += batch->size();
    if (batch->is_control()) continue;
    const auto payload = records::uncompressed(*batch, 1 << 20);
    EXPECT_TRUE(payload.has_value());
    records::RecordReader reader(*batch, payload->view());
    records::Record record;
    while (reader.next(record)) replay_record(record, result);
    EXPECT_TRUE(reader.status().has_value());
  }
  return result;
}

class KafkaLog : public testing::TestWithParam<const char*> {};

TEST_P(KafkaLog, ReplaysToTheClusterThatItWas) {
  const auto bytes = sample(GetParam());
  if (bytes.empty()) GTEST_SKIP() << "no log samples at " << TRIALOG_KAFKA_DATA;
  const auto replayed = replay(bytes);
  const auto& image = replayed.image;
  EXPECT_EQ(image.features().at("metadata.version"), 30);
  EXPECT_EQ(image.features().at("transaction.version"), 2);
  ASSERT_TRUE(image.broker(NodeId(1)));
  EXPECT_EQ(image.broker(NodeId(1))->endpoint("PLAINTEXT")->host, "127.0.0.1");
  for (const auto* name : {"codecs", "txns", "segments", "compacted", "__consumer_offsets"}) {
    const auto topic = image.topic(name);
    ASSERT_TRUE(topic) << name;
    for (const auto& [index, partition] : topic->partitions) {
      EXPECT_EQ(partition.replicas, std::vector{NodeId(1)}) << name;
    }
  }
  EXPECT_EQ(image.topic("txns")->partitions.size(), 2u);
  EXPECT_EQ(image.settings({ResourceType::topic, "codecs"}).at("retention.ms"), "-1");
  EXPECT_EQ(image.next_producer_id(), ProducerId(1000));
  EXPECT_EQ(replayed.passed_over, 0);
  EXPECT_FALSE(image.controllers().at(NodeId(1)).endpoints.empty());
  EXPECT_FALSE(image.in_transaction());
}

TEST_P(KafkaLog, IsHeldByASnapshotOfOurs) {
  const auto bytes = sample(GetParam());
  if (bytes.empty()) GTEST_SKIP() << "no log samples at " << TRIALOG_KAFKA_DATA;
  const auto image = replay(bytes).image;
  Image copy;
  for (const auto& record : records_of(image)) {
    ASSERT_EQ(copy.problem(record), "");
    copy.apply(**decode_record(encode_record(record)));
  }
  copy.stands_at(image.end());
  EXPECT_EQ(copy, image);
}

TEST_P(KafkaLog, IsWrittenAlikeByUsWhereTheVersionIsTheSame) {
  const auto bytes = sample(GetParam());
  if (bytes.empty()) GTEST_SKIP() << "no log samples at " << TRIALOG_KAFKA_DATA;
  const auto replayed = replay(bytes);
  EXPECT_GT(replayed.used, 50);
  EXPECT_GT(replayed.rewritten_alike, replayed.used * 8 / 10);
}

INSTANTIATE_TEST_SUITE_P(Samples, KafkaLog, testing::Values("clean", "crash"));

TEST(KafkaLog, IsGoneOnWithByOurController) {
  const auto bytes = sample("clean");
  if (bytes.empty()) GTEST_SKIP() << "no log samples at " << TRIALOG_KAFKA_DATA;
  // Stopped cleanly, no partition has a leader: our broker takes them all.
  auto image = replay(bytes).image;
  EXPECT_EQ(image.partition("codecs", 0)->leader, no_leader);
  const auto epoch = image.partition("codecs", 0)->leader_epoch;
  const auto before = *image.broker(NodeId(1));
  ControllerOptions options;
  options.self = NodeId(1);
  Controller controller(options, std::move(image), Epoch(100), Instant());
  const auto decided = [&](const Controller::Decision& decision) {
    for (const auto& record : decision.records) controller.apply(record);
  };
  decided(controller.on_elected(Instant()));
  auto registration = ClusterStory(0).registration(1);
  registration.previous_broker_epoch = before.epoch;
  registration.log_dirs = before.log_dirs;
  decided(controller.broker_registration(Instant(), Ticket(1), registration));
  protocol::BrokerHeartbeatRequest heartbeat;
  heartbeat.broker_id = 1;
  heartbeat.broker_epoch = controller.image().broker(NodeId(1))->epoch;
  heartbeat.current_metadata_offset = controller.image().end().value - 1;
  decided(controller.broker_heartbeat(Instant(), Ticket(2), heartbeat));
  const auto* partition = controller.image().partition("codecs", 0);
  EXPECT_EQ(partition->leader, NodeId(1));
  EXPECT_EQ(partition->isr, std::vector{NodeId(1)});
  EXPECT_EQ(partition->leader_epoch, epoch.next());
}

}  // namespace
}  // namespace trialog::metadata::test
