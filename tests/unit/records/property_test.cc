#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "core/records/compression.h"
#include "core/records/validate.h"
#include "tests/unit/records/content.h"

namespace trialog::records::test {
namespace {

rc::Gen<std::string> maybe_hex() {
  const auto bytes = rc::gen::map(rc::gen::arbitrary<std::vector<std::uint8_t>>(), [](auto raw) {
    return to_hex(std::as_bytes(std::span(std::as_const(raw))));
  });
  return rc::gen::oneOf(rc::gen::just(std::string("null")), bytes);
}

rc::Gen<std::vector<Content>> some_records() {
  const auto header = rc::gen::pair(rc::gen::string<std::string>(), maybe_hex());
  const auto content = rc::gen::build<Content>(
      rc::gen::set(&Content::timestamp, rc::gen::inRange<std::int64_t>(-1, 1ll << 41)),
      rc::gen::set(&Content::key, maybe_hex()), rc::gen::set(&Content::value, maybe_hex()),
      rc::gen::set(&Content::headers, rc::gen::container<decltype(Content::headers)>(header)));
  // RapidCheck's sizes multiply: a hundred records of a hundred headers of a hundred bytes.
  return rc::gen::scale(0.3, rc::gen::nonEmpty(rc::gen::container<std::vector<Content>>(content)));
}

rc::Gen<Codec> some_codec() {
  return rc::gen::element(Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd);
}

BatchOptions some_options() {
  BatchOptions options;
  options.codec = *some_codec();
  options.base = Offset(*rc::gen::inRange<std::int64_t>(0, 1ll << 50));
  options.leader_epoch = Epoch(*rc::gen::inRange(-1, 100));
  options.producer_id = ProducerId(*rc::gen::inRange<std::int64_t>(-1, 1ll << 40));
  options.producer_epoch = *rc::gen::inRange<std::int16_t>(-1, 32767);
  options.base_sequence = *rc::gen::inRange(-1, std::numeric_limits<std::int32_t>::max());
  options.transactional = *rc::gen::arbitrary<bool>();
  options.control = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) {
    options.append_time = wall_time(*rc::gen::inRange<std::int64_t>(0, 1ll << 41));
  }
  return options;
}

RC_GTEST_PROP(BatchProperty, WhatIsBuiltIsRead, ()) {
  const auto options = some_options();
  const auto put_in = *some_records();
  const auto batch = Batch::parse(build(options, put_in).bytes());
  RC_ASSERT(batch.has_value());
  RC_ASSERT(contents(*batch) == put_in);
  RC_ASSERT(batch->codec() == options.codec);
  RC_ASSERT(batch->base() == options.base);
  RC_ASSERT(batch->leader_epoch() == options.leader_epoch);
  RC_ASSERT(batch->producer_id() == options.producer_id);
  RC_ASSERT(batch->producer_epoch() == options.producer_epoch);
  RC_ASSERT(batch->base_sequence() == options.base_sequence);
  RC_ASSERT(batch->is_transactional() == options.transactional);
  RC_ASSERT(batch->is_control() == options.control);
  RC_ASSERT(batch->is_append_time() == options.append_time.has_value());
}

RC_GTEST_PROP(BatchProperty, WhatIsReadIsBuiltAgainByteForByte, ()) {
  const auto batch = build(some_options(), *some_records());
  RC_ASSERT(build(options_of(batch), contents(batch)).bytes() == batch.bytes());
}

RC_GTEST_PROP(BatchProperty, SizeIsKnownBeforeItIsBuilt, ()) {
  BatchBuilder builder({});
  for (const auto& content : *some_records()) {
    const auto bytes = from_hex(content.key);
    const auto before = builder.size();
    builder.add(wall_time(content.timestamp), bytes, std::nullopt);
    RC_ASSERT(builder.size() - before <= BatchBuilder::size_of(bytes, std::nullopt));
    RC_ASSERT(builder.size() - before + 18 >= BatchBuilder::size_of(bytes, std::nullopt));
  }
  const auto size = builder.size();
  RC_ASSERT(builder.build().size() == size);
}

/// A client may send anything; the leader answers, and what it takes is a batch that reads well.
RC_GTEST_PROP(BatchProperty, AChangedBatchIsRefusedOrStillReads, ()) {
  BatchOptions options;
  options.codec = *some_codec();
  auto bytes = bytes_of(build(options, *some_records()));
  const auto changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = std::byte(*rc::gen::arbitrary<std::uint8_t>());
  }
  const auto batch = parse_with_crc(std::move(bytes));
  if (!batch) return;
  Rules rules;
  rules.now = wall_time(1ll << 41);
  rules.max_uncompressed = 1u << 20;
  const auto taken = validate(batch->bytes(), rules);
  RC_CLASSIFY(taken.has_value());
  if (!taken) return;
  RC_ASSERT(Batch::parse(taken->bytes()).has_value());
  RC_ASSERT(try_contents(*taken).value().size() == static_cast<std::size_t>(taken->count()));
}

RC_GTEST_PROP(BatchProperty, AnythingIsDecompressedWithinItsLimitOrRefused, ()) {
  const auto raw = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  const auto bytes = std::as_bytes(std::span(raw));
  for (const auto codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const auto limit = *rc::gen::inRange<std::size_t>(0, 100);
    const auto plain = decompress(codec, bytes, limit);
    RC_ASSERT(!plain || plain->size() <= limit);
  }
}

}  // namespace
}  // namespace trialog::records::test
