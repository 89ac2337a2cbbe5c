#include "core/metadata/records.h"

#include <gtest/gtest.h>

#include "core/base/cursor.h"
#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

std::string hex_of(const Record& record) { return to_hex(encode_record(record).view()); }

Result<std::optional<Record>> decoded(std::string_view hex) {
  return decode_record(Bytes(from_hex(hex)));
}

TEST(Records, AreFramedAsKafkaFramesThem) {
  EXPECT_EQ(hex_of(protocol::NoOpRecord()), "01140000");
  protocol::FeatureLevelRecord level;
  level.name = "group.version";
  level.feature_level = 1;
  EXPECT_EQ(hex_of(level), "010c000e67726f75702e76657273696f6e000100");
}

TEST(Records, UseTheLowestVersionThatHoldsThem) {
  protocol::PartitionChangeRecord change;
  EXPECT_EQ(hex_of(change).substr(0, 6), "010500");
  change.directories = {ClusterStory::directory(1)};
  EXPECT_EQ(hex_of(change).substr(0, 6), "010501");
  change.last_known_elr = {1};
  EXPECT_EQ(hex_of(change).substr(0, 6), "010502");
}

TEST(Records, ComeBackAsTheyWere) {
  ClusterStory story(1);
  story.asks(create({with(topic("t", 3), "retention.ms", "5")}));
  story.producer_ids();
  story.fails_over();
  story.joins(1);
  story.deletes("t");
  for (const auto& value : story.log()) {
    const auto record = decode_record(value);
    ASSERT_TRUE(record && *record);
    EXPECT_EQ(encode_record(**record), value);
  }
}

TEST(Records, OfTypesWithoutUseArePassedOver) {
  // An access control entry (21) and a type that does not exist yet.
  EXPECT_EQ(decoded("01150000").value(), std::nullopt);
  EXPECT_EQ(decoded("01e80700ff").value(), std::nullopt);
}

TEST(Records, OfANewerVersionAreReadAsTheNewestKnown) {
  // NoOp version 9, with a tagged field that we do not know.
  const auto record = decoded("0114090163020102").value();
  ASSERT_TRUE(record);
  EXPECT_TRUE(std::holds_alternative<protocol::NoOpRecord>(*record));
}

TEST(Records, ThatAreNoneAreRefused) {
  for (const auto* hex : {"", "01", "0114", "02140000", "0114ffffffff0f00", "010c00", "0114000000",
                          "010c00ffffffff0f"}) {
    const auto record = decoded(hex);
    ASSERT_FALSE(record.has_value()) << hex;
    EXPECT_EQ(record.error().kind(), IoError::Kind::corrupt) << hex;
  }
}

}  // namespace
}  // namespace trialog::metadata::test
