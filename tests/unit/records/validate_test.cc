#include "core/records/validate.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/records/compression.h"
#include "tests/unit/records/content.h"

namespace trialog::records::test {
namespace {

constexpr std::int64_t now = 1'700'000'000'000;
constexpr std::int64_t hour = 3'600'000;

/// Where the fields are that no builder would set as these tests do.
enum Field : std::size_t {
  base = 0,
  length = 8,
  magic = 16,
  attributes = 21,
  last_delta = 23,
  max_timestamp = 35,
  count = 57
};

/// A leader that is offered batches.
class Validation : public testing::Test {
 protected:
  Validation() { rules_.now = wall_time(now); }

  std::expected<Batch, Refusal> offer(const Batch& batch) {
    return validate(batch.bytes(), rules_);
  }
  std::expected<Batch, Refusal> offer(std::vector<std::byte> bytes) {
    return validate(Bytes(std::move(bytes)), rules_);
  }
  void accepts(const Batch& batch) {
    const auto taken = offer(batch);
    EXPECT_TRUE(taken) << taken.error().message;
  }
  template <class Offered>
  Refusal refuses(const Offered& offered, ErrorCode error) {
    auto taken = offer(offered);
    if (taken) {
      ADD_FAILURE() << "accepted";
      return {};
    }
    EXPECT_EQ(error_name(taken.error().error), error_name(error)) << taken.error().message;
    EXPECT_FALSE(taken.error().message.empty());
    return std::move(taken).error();
  }

  /// `batch` with another value in a field of `size` bytes, and a CRC that fits.
  static Batch with(const Batch& batch, Field field, int size, std::int64_t value) {
    auto bytes = bytes_of(batch);
    for (int i = 0; i < size; ++i) {
      bytes[field + static_cast<std::size_t>(i)] = std::byte(value >> (8 * (size - 1 - i)) & 255);
    }
    return parse_with_crc(std::move(bytes)).value();
  }
  static std::vector<Content> three() {
    return {{now, "6b", "76", {}}, {now + 5, "6b", "", {{"h", "00"}}}, {now + 1, "", "null", {}}};
  }
  static Batch plain() { return build({}, three()); }
  static Batch packed(Codec codec) {
    BatchOptions options;
    options.codec = codec;
    return build(options, three());
  }

  Rules rules_;
};

constexpr Codec every_codec[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

TEST_F(Validation, TakesAGoodBatchWithoutTouchingIt) {
  for (const auto codec : every_codec) {
    const auto batch = packed(codec);
    const auto copy = Bytes::copy_of(batch.bytes().view());
    const auto taken = offer(batch);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->bytes().data(), batch.bytes().data());
    EXPECT_EQ(taken->bytes(), copy);
  }
}

TEST_F(Validation, WantsExactlyOneBatch) {
  refuses(std::vector<std::byte>(), ErrorCode::invalid_record);
  auto two = bytes_of(plain());
  const auto one = two;
  two.insert(two.end(), one.begin(), one.end());
  refuses(two, ErrorCode::invalid_record);
}

TEST_F(Validation, WantsMagic2) {
  for (const int old : {0, 1, 3}) {
    auto bytes = bytes_of(plain());
    bytes[magic] = std::byte(old);
    refuses(bytes, ErrorCode::invalid_record);
  }
  // A message as clients wrote it before Kafka 0.11: offset, size, CRC-32, magic 1, attributes,
  // timestamp, key, value. What we would take for the CRC is wrong, yet to send it again is no use.
  const auto message =
      from_hex("00000000000000000000001bd2ee7a1001000000018bcfe5687b000000016bffffffff");
  refuses(message, ErrorCode::invalid_record);
}

TEST_F(Validation, CallsBrokenBytesCorruptSoThatTheyAreSentAgain) {
  auto broken = bytes_of(plain());
  broken.back() ^= std::byte{1};
  refuses(broken, ErrorCode::corrupt_message);
  auto cut = bytes_of(plain());
  cut.pop_back();
  refuses(cut, ErrorCode::corrupt_message);
  refuses(std::vector<std::byte>(10), ErrorCode::corrupt_message);
  auto absurd = bytes_of(plain());
  absurd[length] = std::byte{255};
  refuses(absurd, ErrorCode::corrupt_message);
}

TEST_F(Validation, CallsASenderThatIsWrongInvalidSoThatItGivesUp) {
  auto negative = bytes_of(plain());
  negative[last_delta] = std::byte{255};
  refuses(negative, ErrorCode::corrupt_message);
  refuses(with_crc(negative), ErrorCode::invalid_record);
  auto placed = bytes_of(plain());
  placed[base] = std::byte{255};  // Negative too; not under the CRC.
  refuses(placed, ErrorCode::invalid_record);
}

TEST_F(Validation, WantsBaseOffset0) {
  auto batch = plain();
  batch.place(Offset(1), no_epoch);
  refuses(batch, ErrorCode::invalid_record);
}

TEST_F(Validation, WantsAsManyRecordsAsOffsets) {
  refuses(with(plain(), count, 4, 2), ErrorCode::invalid_record);
  refuses(with(plain(), last_delta, 4, 3), ErrorCode::invalid_record);
  refuses(with(plain(), last_delta, 4, std::numeric_limits<std::int32_t>::max()),
          ErrorCode::invalid_record);
  auto none = bytes_of(plain());
  none.resize(header_size);
  none[length + 3] = std::byte(header_size - length_prefix);
  none[count + 3] = std::byte{0};
  refuses(parse_with_crc(none).value(), ErrorCode::invalid_record);
}

TEST_F(Validation, WantsInnerOffsetsWithoutGaps) {
  // Two records with offset deltas 0 and 2, in a batch that says three: compaction leaves that,
  // clients do not.
  auto batch = build({}, {null_content(now), null_content(now)});
  auto bytes = bytes_of(batch);
  // The second record: length, attributes, timestamp delta, offset delta.
  const auto second = header_size + (bytes.size() - header_size) / 2;
  ASSERT_EQ(bytes[second + 3], std::byte{2});
  bytes[second + 3] = std::byte{4};
  batch = with(parse_with_crc(bytes).value(), last_delta, 4, 1);
  refuses(batch, ErrorCode::invalid_record);
  for (const auto codec : {Codec::gzip, Codec::zstd}) {
    const auto payload = compress(codec, batch.payload());
    auto squeezed = bytes_of(batch);
    squeezed.resize(header_size);
    squeezed.insert(squeezed.end(), payload.view().begin(), payload.view().end());
    squeezed[length + 3] = std::byte(squeezed.size() - length_prefix);
    squeezed[attributes + 1] = std::byte(codec);
    refuses(parse_with_crc(squeezed).value(), ErrorCode::invalid_record);
  }
}

TEST_F(Validation, NamesTheFirstOffsetThatIsNotTheNext) {
  auto bytes = bytes_of(plain());
  ASSERT_EQ(bytes[header_size + 3], std::byte{0});
  bytes[header_size + 3] = std::byte{4};
  const auto refusal = refuses(with_crc(bytes), ErrorCode::invalid_record);
  EXPECT_EQ(refusal.message, "record 0 has offset delta 2");
}

TEST_F(Validation, RefusesControlBatchesFromClients) {
  BatchOptions options;
  options.control = true;
  refuses(build(options, three()), ErrorCode::invalid_record);
}

TEST_F(Validation, RefusesADeleteHorizonFromClients) {
  refuses(with(plain(), attributes, 2, 64), ErrorCode::invalid_record);
}

TEST_F(Validation, WantsASequenceFromAnIdempotentProducer) {
  BatchOptions options;
  options.producer_id = ProducerId(0);
  options.producer_epoch = 0;
  refuses(build(options, three()), ErrorCode::invalid_record);
  options.base_sequence = 0;
  accepts(build(options, three()));
}

TEST_F(Validation, WantsAProducerBehindATransaction) {
  BatchOptions options;
  options.transactional = true;
  refuses(build(options, three()), ErrorCode::invalid_record);
  options.producer_id = ProducerId(3);
  options.base_sequence = 9;
  accepts(build(options, three()));
}

TEST_F(Validation, WantsKeysInACompactedTopicAndNamesTheRecordsWithout) {
  const Content tombstone{now, "6b", "null", {}}, keyless{now, "null", "76", {}};
  const Content empty_key{now, "", "76", {}};
  const auto batch = build({}, {tombstone, keyless, empty_key, keyless});
  accepts(batch);
  rules_.compacted = true;
  const auto refusal = refuses(batch, ErrorCode::invalid_record);
  ASSERT_EQ(refusal.records.size(), 2u);
  EXPECT_EQ(refusal.records[0].index, 1);
  EXPECT_EQ(refusal.records[1].index, 3);
  EXPECT_EQ(refusal.records[0].message, "a compacted topic needs keys");
  accepts(build({}, {tombstone, empty_key}));
}

TEST_F(Validation, NamesOnlySoManyRecords) {
  rules_.compacted = true;
  const auto refusal =
      refuses(build({}, std::vector<Content>(5000, null_content(now))), ErrorCode::invalid_record);
  EXPECT_EQ(refusal.records.size(), 100u);
}

TEST_F(Validation, KeepsTimestampsWithinTheTopicsBounds) {
  rules_.timestamp_before_max_ms = 2 * hour;
  rules_.timestamp_after_max_ms = hour;
  for (const auto codec : every_codec) {
    BatchOptions options;
    options.codec = codec;
    accepts(build(options, {null_content(now - 2 * hour), null_content(now + hour)}));
    const auto late = build(options, {null_content(now), null_content(now - 2 * hour - 1)});
    auto refusal = refuses(late, ErrorCode::invalid_timestamp);
    ASSERT_EQ(refusal.records.size(), 1u);
    EXPECT_EQ(refusal.records[0].index, 1);
    const auto early = build(options, {null_content(now + hour + 1), null_content(now)});
    refusal = refuses(early, ErrorCode::invalid_timestamp);
    ASSERT_EQ(refusal.records.size(), 1u);
    EXPECT_EQ(refusal.records[0].index, 0);
  }
}

TEST_F(Validation, TakesAnyPastByDefaultAndRecordsWithoutATimestamp) {
  accepts(build({}, {null_content(0), null_content(now)}));
  rules_.timestamp_before_max_ms = 0;
  rules_.timestamp_after_max_ms = 0;
  accepts(build({}, {null_content(-1), null_content(now)}));
  rules_.timestamp_before_max_ms = rules_.timestamp_after_max_ms =
      std::numeric_limits<std::int64_t>::max();
  accepts(build({}, {null_content(now), null_content(std::numeric_limits<std::int64_t>::max())}));
}

TEST_F(Validation, PutsTheLargestTimestampRight) {
  for (const std::int64_t wrong : {std::int64_t{0}, now, now + 6}) {
    const auto taken = offer(with(plain(), max_timestamp, 8, wrong)).value();
    EXPECT_EQ(taken.max_timestamp(), wall_time(now + 5));
    EXPECT_EQ(taken.bytes(), plain().bytes());
  }
}

TEST_F(Validation, RefusesAppendTimesFromClients) {
  BatchOptions options;
  options.append_time = wall_time(now);
  refuses(build(options, three()), ErrorCode::invalid_timestamp);
}

TEST_F(Validation, SetsTheAppendTimeInPlace) {
  rules_.append_time = true;
  rules_.timestamp_after_max_ms = 0;  // Does not matter then.
  for (const auto codec : every_codec) {
    const auto batch = packed(codec);
    const auto taken = offer(batch).value();
    EXPECT_EQ(taken.bytes().data(), batch.bytes().data());
    EXPECT_TRUE(taken.is_append_time());
    EXPECT_EQ(taken.max_timestamp(), wall_time(now));
    EXPECT_TRUE(Batch::parse(taken.bytes())) << "the CRC must be new";
    EXPECT_EQ(contents(taken), three());
  }
}

TEST_F(Validation, RefusesZstdFromClientsTooOldForIt) {
  rules_.allow_zstd = false;
  refuses(packed(Codec::zstd), ErrorCode::unsupported_compression_type);
  accepts(packed(Codec::lz4));
}

TEST_F(Validation, RefusesACodecThatDoesNotExist) {
  refuses(with(plain(), attributes, 2, 5), ErrorCode::unsupported_compression_type);
}

TEST_F(Validation, RefusesABatchLargerThanMaxMessageBytes) {
  rules_.max_message_bytes = static_cast<std::int64_t>(plain().size());
  accepts(plain());
  --rules_.max_message_bytes;
  refuses(plain(), ErrorCode::message_too_large);
  // Also if it would be smaller once the leader has compressed it.
  rules_.max_message_bytes = 1000;
  rules_.codec = Codec::zstd;
  refuses(build({}, {{now, "", std::string(4000, '0'), {}}}), ErrorCode::message_too_large);
}

TEST_F(Validation, RefusesABatchLargerThanASegment) {
  rules_.segment_bytes = static_cast<std::int64_t>(plain().size());
  accepts(plain());
  --rules_.segment_bytes;
  refuses(plain(), ErrorCode::record_list_too_large);
}

TEST_F(Validation, BoundsWhatComesOutOfACodec) {
  rules_.max_uncompressed = 1000;
  for (const auto codec : every_codec) {
    BatchOptions options;
    options.codec = codec;
    const auto batch = build(options, {{now, "", std::string(4000, '0'), {}}});
    if (codec == Codec::none) {
      accepts(batch);  // It has arrived as it is.
    } else {
      refuses(batch, ErrorCode::message_too_large);
    }
  }
}

TEST_F(Validation, RefusesWhatDoesNotDecompressOrDecode) {
  refuses(with(plain(), attributes, 2, 1), ErrorCode::invalid_record);
  auto bytes = bytes_of(plain());
  bytes[header_size] ^= std::byte{2};
  refuses(parse_with_crc(bytes).value(), ErrorCode::invalid_record);
}

TEST_F(Validation, RecompressesWhereTheTopicAsksForAnotherCodec) {
  for (const auto from : every_codec) {
    for (const auto to : every_codec) {
      for (const bool append_time : {false, true}) {
        rules_.codec = to;
        rules_.append_time = append_time;
        BatchOptions options;
        options.codec = from;
        options.producer_id = ProducerId(77);
        options.producer_epoch = 3;
        options.base_sequence = 12;
        options.transactional = true;
        const auto batch = build(options, three());
        const auto taken = Batch::parse(offer(batch).value().bytes()).value();
        EXPECT_EQ(taken.codec(), to);
        EXPECT_EQ(contents(taken), three());
        EXPECT_EQ(taken.is_append_time(), append_time);
        EXPECT_EQ(taken.max_timestamp(), wall_time(append_time ? now : now + 5));
        EXPECT_EQ(taken.producer_id(), ProducerId(77));
        EXPECT_EQ(taken.producer_epoch(), 3);
        EXPECT_EQ(taken.base_sequence(), 12);
        EXPECT_TRUE(taken.is_transactional());
        EXPECT_EQ(taken.bytes().data() == batch.bytes().data(), from == to);
      }
    }
  }
}

TEST_F(Validation, MeasuresABatchAgainOnceItIsRecompressed) {
  BatchOptions options;
  options.codec = Codec::zstd;
  const auto batch = build(options, {{now, "", std::string(4000, '0'), {}}});
  rules_.max_message_bytes = 1000;
  accepts(batch);
  rules_.codec = Codec::none;
  refuses(batch, ErrorCode::message_too_large);
}

}  // namespace
}  // namespace trialog::records::test
