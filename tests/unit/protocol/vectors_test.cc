#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/protocol/api.h"
#include "core/protocol/text.h"
#include "tests/unit/protocol/support.h"

namespace trialog::protocol {
namespace {

using Json = nlohmann::ordered_json;

/// Kafka's converter writes every record set as ""; so no JSON says which bytes they were.
bool hides_records(const Vector& vector) {
  return vector.json.find("\"records\":\"\"") != std::string::npos ||
         vector.json.find("\"unalignedRecords\":\"\"") != std::string::npos;
}

class Vectors : public testing::Test {
 protected:
  void SetUp() override {
    if (vectors_.empty()) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
  }
  std::vector<Vector> vectors_ = known_vectors();
};

TEST_F(Vectors, CoverEveryMessageWithThreeSamplesOrMore) {
  EXPECT_GE(vectors_.size(), 750u);
  for (const auto* schema : all_messages()) {
    if (schema->name == "QuorumStateData") continue;  // Of a file, never sent.
    const auto samples = std::ranges::count(vectors_, schema->name, &Vector::message);
    EXPECT_GE(samples, 3) << schema->name;
  }
}

TEST_F(Vectors, DecodeToKafkasJson) {
  for (const auto& vector : vectors_) {
    const auto json = to_json(vector.message, vector.version, bytes_of(vector.hex));
    ASSERT_TRUE(json) << json.error().what();
    EXPECT_EQ(Json::parse(*json).dump(), Json::parse(vector.json).dump())
        << vector.message << " v" << vector.version;
  }
}

TEST_F(Vectors, EncodeFromKafkasJson) {
  std::size_t compared = 0;
  for (const auto& vector : vectors_) {
    if (hides_records(vector)) continue;
    const auto bytes = from_json(vector.message, vector.version, vector.json);
    ASSERT_TRUE(bytes) << bytes.error().what();
    EXPECT_EQ(to_hex(bytes->view()), vector.hex) << vector.message << " v" << vector.version;
    ++compared;
  }
  EXPECT_GE(compared, 700u);
}

TEST_F(Vectors, SurviveDecodingAndEncoding) {
  for (const auto& vector : vectors_) {
    const auto& schema = *find_message(vector.message);
    EXPECT_EQ(schema.api.key, vector.key) << vector.message;
    const auto object = detail::make(schema);
    ASSERT_TRUE(
        detail::decode_all(schema, bytes_of(vector.hex), vector.version, object.get()).has_value());
    EXPECT_EQ(to_hex(joined(encode(schema, vector.version, object.get())).view()), vector.hex)
        << vector.message << " v" << vector.version;
  }
}

}  // namespace
}  // namespace trialog::protocol
