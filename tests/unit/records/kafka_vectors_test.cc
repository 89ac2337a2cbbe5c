#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/records/compression.h"
#include "tests/unit/records/content.h"
#include "tests/unit/records/vectors.h"

namespace trialog::records::test {
namespace {

using nlohmann::json;

std::string text(const json& value) { return value.is_null() ? "null" : value.get<std::string>(); }

class KafkaBatches : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& vector : vectors("batch")) {
      auto batch = Batch::parse(Bytes(from_hex(vector.hex)));
      ASSERT_TRUE(batch) << batch.error().what();
      batches_.emplace_back(*std::move(batch), json::parse(vector.json));
    }
    if (batches_.empty()) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
  }

  std::vector<std::pair<Batch, json>> batches_;
};

TEST_F(KafkaBatches, HaveTheHeadersThatKafkaSaysTheyHave) {
  for (const auto& [batch, said] : batches_) {
    SCOPED_TRACE(said.dump());
    EXPECT_EQ(codec_name(batch.codec().value()), said["codec"].get<std::string>());
    EXPECT_EQ(batch.is_append_time(), said["timestampType"] == "LogAppendTime");
    EXPECT_EQ(batch.base().value, said["baseOffset"].get<std::int64_t>());
    EXPECT_EQ(batch.leader_epoch().value, said["leaderEpoch"].get<int>());
    EXPECT_EQ(batch.producer_id().value, said["producerId"].get<std::int64_t>());
    EXPECT_EQ(batch.producer_epoch(), said["producerEpoch"].get<int>());
    EXPECT_EQ(batch.base_sequence(), said["baseSequence"].get<int>());
    EXPECT_EQ(batch.is_transactional(), said["transactional"].get<bool>());
    EXPECT_FALSE(batch.is_control());
    EXPECT_EQ(to_ms(batch.max_timestamp()), said["maxTimestamp"].get<std::int64_t>());
    EXPECT_EQ(batch.crc(), said["crc"].get<std::uint32_t>());
    EXPECT_EQ(batch.count(), static_cast<int>(said["records"].size()));
    EXPECT_EQ(batch.end() - batch.base(), static_cast<int>(said["records"].size()));
  }
}

TEST_F(KafkaBatches, HoldTheRecordsThatKafkaPutIn) {
  for (const auto& [batch, said] : batches_) {
    SCOPED_TRACE(said.dump());
    const auto payload = uncompressed(batch, 1u << 20);
    ASSERT_TRUE(payload) << payload.error().what();
    RecordReader reader(batch, payload->view());
    Record record;
    for (const auto& expected : said["records"]) {
      ASSERT_TRUE(reader.next(record)) << reader.status().error().what();
      EXPECT_EQ(offset_of(batch, record).value, expected["offset"].get<std::int64_t>());
      EXPECT_EQ(to_ms(timestamp_of(batch, record)), expected["timestamp"].get<std::int64_t>());
      EXPECT_EQ(record.key ? to_hex(*record.key) : "null", text(expected["key"]));
      EXPECT_EQ(record.value ? to_hex(*record.value) : "null", text(expected["value"]));
      ASSERT_EQ(record.headers.size(), expected["headers"].size());
      for (std::size_t i = 0; i < record.headers.size(); ++i) {
        const auto& [key, value] = record.headers[i];
        EXPECT_EQ(key, expected["headers"][i][0].get<std::string>());
        EXPECT_EQ(value ? to_hex(*value) : "null", text(expected["headers"][i][1]));
      }
    }
    EXPECT_FALSE(reader.next(record));
    EXPECT_TRUE(reader.status()) << reader.status().error().what();
  }
}

TEST_F(KafkaBatches, AreBuiltByteForByteUnlessCompressed) {
  for (const auto& [batch, said] : batches_) {
    SCOPED_TRACE(said.dump());
    const auto rebuilt = build(options_of(batch), contents(batch));
    if (batch.codec() == Codec::none) {
      EXPECT_EQ(to_hex(rebuilt.bytes().view()), to_hex(batch.bytes().view()));
    }
    const auto again = Batch::parse(rebuilt.bytes());
    ASSERT_TRUE(again) << again.error().what();
    EXPECT_EQ(contents(*again), contents(batch));
    EXPECT_EQ(again->attributes(), batch.attributes());
    EXPECT_EQ(again->max_timestamp(), batch.max_timestamp());
  }
}

}  // namespace
}  // namespace trialog::records::test
