#include "core/records/control.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/records/content.h"
#include "tests/unit/records/vectors.h"

namespace trialog::records::test {
namespace {

using nlohmann::json;

TEST(ControlRecords, AreKafkasTransactionMarkersByteForByte) {
  const auto markers = vectors("control");
  if (markers.empty()) GTEST_SKIP() << "no vectors in " << TRIALOG_KAFKA_DATA;
  for (const auto& vector : markers) {
    SCOPED_TRACE(vector.json);
    const auto said = json::parse(vector.json);
    const auto batch = Batch::parse(Bytes(from_hex(vector.hex)));
    ASSERT_TRUE(batch) << batch.error().what();
    EXPECT_TRUE(batch->is_control());
    EXPECT_TRUE(batch->is_transactional());
    EXPECT_EQ(batch->base_sequence(), -1);
    EXPECT_EQ(batch->last_sequence(), -1);
    const TransactionMarker marker{said["type"] == "COMMIT", said["coordinatorEpoch"].get<int>()};
    const auto parsed = parse_transaction_marker(*batch);
    ASSERT_TRUE(parsed) << parsed.error().what();
    EXPECT_EQ(*parsed, marker);
    auto built = transaction_marker(ProducerId(said["producerId"].get<std::int64_t>()),
                                    said["producerEpoch"].get<std::int16_t>(),
                                    wall_time(said["timestamp"].get<std::int64_t>()), marker);
    built.place(Offset(said["baseOffset"].get<std::int64_t>()),
                Epoch(said["leaderEpoch"].get<std::int32_t>()));
    EXPECT_EQ(to_hex(built.bytes().view()), vector.hex);
  }
}

TEST(ControlRecords, OfAnotherKindAreNoTransactionMarkers) {
  const auto batch = control_batch({}, wall_time(0), ControlType::leader_change, as_bytes("value"));
  EXPECT_TRUE(batch.is_control());
  EXPECT_EQ(parse_transaction_marker(batch).value(), std::nullopt);
}

TEST(ControlRecords, OfATypeThatIsNotKnownYetAreNoError) {
  const auto bytes = from_hex("00000063");
  const auto key = parse_control_key(bytes);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->type, 99);
  EXPECT_EQ(key->known(), std::nullopt);
}

TEST(ControlRecords, OfALaterVersionMayHaveMoreFields) {
  const auto bytes = from_hex("00070001aabb");
  const auto key = parse_control_key(bytes);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->version, 7);
  EXPECT_EQ(key->known(), ControlType::commit);
}

TEST(ControlRecords, WithoutAReadableKeyAreCorrupt) {
  EXPECT_FALSE(parse_control_key(std::nullopt));
  const auto short_key = from_hex("000000"), negative = from_hex("ffff0000");
  EXPECT_FALSE(parse_control_key(short_key));
  EXPECT_FALSE(parse_control_key(negative));
}

TEST(ControlRecords, WithoutAReadableValueAreCorrupt) {
  for (const char* value : {"", "0000000000", "ffff00000009"}) {
    const auto bytes = from_hex(value);
    const auto batch = control_batch({}, wall_time(0), ControlType::abort, bytes);
    EXPECT_FALSE(parse_transaction_marker(batch)) << value;
  }
  BatchOptions options;
  options.control = true;
  BatchBuilder builder(options);
  const auto key = control_key(ControlType::commit);
  builder.add(wall_time(0), key, std::nullopt);
  EXPECT_FALSE(parse_transaction_marker(builder.build()));
}

}  // namespace
}  // namespace trialog::records::test
