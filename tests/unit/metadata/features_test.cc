#include "core/metadata/features.h"

#include <gtest/gtest.h>

#include "core/metadata/batches.h"
#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

protocol::UpdateFeaturesResponse updates(ClusterStory& story, const std::string& feature,
                                         std::int16_t level, std::int8_t type = 1,
                                         bool validate_only = false) {
  protocol::UpdateFeaturesRequest request;
  auto& update = request.feature_updates.emplace_back();
  update.feature = feature;
  update.max_version_level = level;
  update.upgrade_type = type;
  request.validate_only = validate_only;
  return story.asks<protocol::UpdateFeaturesResponse>(&Controller::update_features, request);
}

std::string problem(ClusterStory& story, const std::string& feature, std::int16_t level,
                    std::int8_t type = 1) {
  const auto response = updates(story, feature, level, type);
  const std::string all =
      "The update failed for all features since the following feature had an error: ";
  if (response.error_code == ErrorCode::none) return "NONE";
  EXPECT_EQ(error_name(response.error_code), "INVALID_UPDATE_VERSION");
  EXPECT_TRUE(response.error_message->starts_with(all));
  EXPECT_EQ(all + *response.results.at(0).error_message, *response.error_message);
  return *response.results.at(0).error_message;
}

TEST(Features, OfANewClusterAreThoseOfKafka) {
  ClusterStory story(0);
  EXPECT_EQ(story.image().features(),
            (Image::Features{{"eligible.leader.replicas.version", 1}, {"metadata.version", 30}}));
  const auto end = story.image().end();
  story.fails_over();
  EXPECT_EQ(story.image().end(), end) << "only once";
}

TEST(Features, OfAnOldClusterStayWhatTheyAre) {
  protocol::FeatureLevelRecord level;
  level.name = "metadata.version";
  level.feature_level = 30;
  Image image;
  image.apply(level);
  Controller controller(ClusterStory::defaults(), image, Epoch(2), Instant());
  EXPECT_TRUE(controller.on_elected(Instant()).records.empty());
}

TEST(Election, AbortsATransactionWhoseControllerIsGone) {
  ClusterStory story(1);
  story.creates("kept");
  story.finds(protocol::BeginTransactionRecord());
  protocol::TopicRecord record;
  record.name = "half";
  record.topic_id = ClusterStory::directory(50);
  story.finds(record);
  EXPECT_TRUE(story.image().topic("half"));
  EXPECT_TRUE(story.image().in_transaction());
  story.fails_over();
  EXPECT_FALSE(story.image().in_transaction());
  EXPECT_FALSE(story.image().topic("half"));
  EXPECT_TRUE(story.image().topic("kept"));
}

TEST(Election, IsWhatMakesAnythingDue) {
  Controller controller(ClusterStory::defaults(), Image(), Epoch(1), Instant());
  EXPECT_EQ(controller.deadline(), never);
  EXPECT_TRUE(controller.on_time(Instant()).records.empty());
  controller.on_elected(Instant());
  EXPECT_LT(controller.deadline(), never);
}

TEST(Features, AreRaisedAndLowered) {
  ClusterStory story(1);
  EXPECT_EQ(problem(story, "group.version", 1), "NONE");
  EXPECT_EQ(story.image().feature("group.version"), 1);
  EXPECT_EQ(problem(story, "group.version", 0),
            "Invalid update version 0 for feature group.version. Can't downgrade the version of "
            "this feature without setting the upgrade type to either safe or unsafe downgrade.");
  EXPECT_EQ(problem(story, "group.version", 0, 2), "NONE");
  EXPECT_EQ(story.image().feature("group.version"), 0);
  EXPECT_EQ(problem(story, "group.version", 1, 2),
            "Invalid update version 1 for feature group.version. Can't downgrade to a newer "
            "version.");
}

TEST(Features, ThatSomebodyCantLiveWithAreRefused) {
  ClusterStory story(1);
  EXPECT_EQ(problem(story, "metadata.version", 31),
            "Invalid metadata.version 31. Local controller 1 only supports versions 7-30");
  EXPECT_EQ(problem(story, "no.such", 1),
            "Invalid update version 1 for feature no.such. Local controller 1 does not support "
            "this feature.");
  auto old = story.registration(2);
  for (auto& feature : old.features) {
    if (feature.name == "group.version") feature.max_supported_version = 0;
  }
  story.asks(old);
  EXPECT_EQ(problem(story, "group.version", 1),
            "Invalid update version 1 for feature group.version. Broker 2 only supports versions "
            "0-0");
  EXPECT_EQ(problem(story, "group.version", -1),
            "Invalid update version -1 for feature group.version. A feature version cannot be less "
            "than 0.");
  EXPECT_EQ(problem(story, "group.version", 1, 9),
            "Invalid update version 1 for feature group.version. The controller does not support "
            "the given upgrade type.");
}

TEST(Features, OfTheMetadataAreNotLowered) {
  ClusterStory story(1);
  EXPECT_EQ(problem(story, "metadata.version", 29, 2),
            "Invalid metadata.version 29. Refusing to perform the requested downgrade because it "
            "might delete metadata information.");
  EXPECT_EQ(problem(story, "metadata.version", 29, 3),
            "Invalid metadata.version 29. Unsafe metadata downgrade is not supported in this "
            "version.");
}

TEST(Features, AreOnlyTriedWhereThatIsAsked) {
  ClusterStory story(1);
  EXPECT_EQ(error_name(updates(story, "group.version", 1, 1, true).error_code), "NONE");
  EXPECT_EQ(story.image().feature("group.version"), 0);
}

TEST(Features, WithoutEligibleReplicasTheLastInSyncKeepsItsPlace) {
  ClusterStory story;
  story.creates("t", {{1, 2, 3}});
  story.sets(ResourceType::topic, "t", "min.insync.replicas", "2");
  story.shrinks_or_grows("t", {1});
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1 eligible 2,3");
  EXPECT_EQ(problem(story, "eligible.leader.replicas.version", 0, 2), "NONE");
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1");
  story.dies(1);
  EXPECT_EQ(story.shape("t"), "no leader isr 1");
  story.joins(1);
  EXPECT_EQ(story.shape("t"), "leader 1 isr 1");
  EXPECT_EQ(story.replayed(), story.image());
}

TEST(Batches, AreCutWhereKafkaWould) {
  std::vector<Record> records(10'000, protocol::NoOpRecord());
  protocol::ConfigRecord large;
  large.value = std::string(30'000, 'x');
  EXPECT_FALSE(needs_transaction(std::vector<Record>(250, large)));
  EXPECT_TRUE(needs_transaction(std::vector<Record>(300, large)));
  for (auto& record : records) record = protocol::TopicRecord();
  EXPECT_FALSE(needs_transaction(records));
  records.emplace_back(protocol::TopicRecord());
  EXPECT_TRUE(needs_transaction(records));
  bracket(records);
  EXPECT_EQ(records.size(), 10'003u);
  EXPECT_TRUE(std::holds_alternative<protocol::BeginTransactionRecord>(records.front()));
  EXPECT_TRUE(std::holds_alternative<protocol::EndTransactionRecord>(records.back()));

  EXPECT_TRUE(batch_ends({}).empty());
  const std::vector<Bytes> many(25'000, encode_record(protocol::NoOpRecord()));
  EXPECT_EQ(batch_ends(many), (std::vector<std::size_t>{10'000, 20'000, 25'000}));
  const std::vector<Bytes> heavy(300, encode_record(large));
  EXPECT_EQ(batch_ends(heavy).size(), 2u);
}

TEST(Batches, TellTheBrokerItsEpochAlsoBehindTheirBeginning) {
  ClusterStory story(2);
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 10'000;
  topic.replication_factor = 2;
  story.asks<protocol::CreateTopicsResponse>(&Controller::create_topics, request);
  const auto end = story.image().end();
  story.fails_over();
  const auto epoch = story.registers(1);
  EXPECT_GT(story.image().end() - end, 10'000) << "brackets included";
  const auto at = decode_record(story.log().at(static_cast<std::size_t>(epoch)));
  EXPECT_TRUE(std::holds_alternative<protocol::RegisterBrokerRecord>(**at));
  EXPECT_FALSE(story.image().in_transaction());
  EXPECT_FALSE(story.beats(1).is_fenced);
}

}  // namespace
}  // namespace trialog::metadata::test
