#include "core/records/validate.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/base/cursor.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::records {
namespace {

constexpr std::int64_t no_timestamp = -1;
constexpr std::size_t most_record_errors = 100;
constexpr std::size_t magic_at = 16, crc_at = 17, attributes_at = 21, last_offset_delta_at = 23;

std::unexpected<Refusal> refuse(ErrorCode error, std::string message) {
  return std::unexpected(Refusal{error, std::move(message), {}});
}

std::string number(std::int64_t value) { return std::to_string(value); }

/// The batch that `records` are, before its content is looked at.
std::expected<Batch, Refusal> frame(Bytes records, const Rules& rules) {
  if (records.empty()) return refuse(ErrorCode::invalid_record, "there is no record batch");
  if (records.size() > magic_at && records.view()[magic_at] != std::byte{2}) {
    return refuse(ErrorCode::invalid_record,
                  "record batches must have magic 2, not " +
                      number(std::to_integer<int>(records.view()[magic_at])));
  }
  const auto size = Batch::size_at(records.view());
  if (size && *size >= static_cast<std::int64_t>(header_size) &&
      *size < static_cast<std::int64_t>(records.size())) {
    return refuse(ErrorCode::invalid_record,
                  "there must be exactly one record batch per partition: the first takes " +
                      number(*size) + " of " + number(static_cast<std::int64_t>(records.size())) +
                      " bytes");
  }
  if (static_cast<std::int64_t>(records.size()) > rules.max_message_bytes) {
    return refuse(ErrorCode::message_too_large,
                  "the batch takes " + number(static_cast<std::int64_t>(records.size())) +
                      " bytes, max.message.bytes is " + number(rules.max_message_bytes));
  }
  auto batch = Batch::parse(records);
  if (batch) return *std::move(batch);
  // The bytes arrived as they were sent if the CRC is right; then it's the sender who is wrong, and
  // sending them again, as corrupt_message suggests, would not help.
  const bool complete =
      size == static_cast<std::int64_t>(records.size()) && records.size() >= header_size;
  if (complete) {
    Reader crc(records.view().subspan(crc_at, 4));
    if (crc32c(records.view().subspan(attributes_at)) == crc.u32()) {
      return refuse(ErrorCode::invalid_record, batch.error().what());
    }
  }
  return refuse(ErrorCode::corrupt_message, batch.error().what());
}

/// What can be told from the header.
std::expected<void, Refusal> check_header(const Batch& batch, const Rules& rules) {
  const auto invalid = ErrorCode::invalid_record;
  if (batch.base() != Offset(0)) {
    return refuse(invalid, "the base offset must be 0, it is " + number(batch.base().value));
  }
  if (batch.count() != batch.end() - batch.base()) {
    return refuse(invalid, "the batch has " + number(batch.count()) + " records but offsets for " +
                               number(batch.end() - batch.base()));
  }
  if (batch.is_control()) return refuse(invalid, "clients must not write control records");
  if (batch.has_delete_horizon()) return refuse(invalid, "only the log sets a delete horizon");
  const bool has_producer = batch.producer_id() > no_producer;
  if (has_producer && batch.base_sequence() < 0) {
    return refuse(invalid, "sequence " + number(batch.base_sequence()) +
                               " of an idempotent producer is negative");
  }
  if (batch.is_transactional() && !has_producer) {
    return refuse(invalid, "a transactional batch needs a producer id");
  }
  if (batch.is_append_time()) {
    return refuse(ErrorCode::invalid_timestamp, "producers must not set LogAppendTime");
  }
  const auto codec = batch.codec();
  if (!codec) {
    return refuse(ErrorCode::unsupported_compression_type,
                  "codec " + number(batch.attributes() & 7) + " does not exist");
  }
  if (codec == Codec::zstd && !rules.allow_zstd) {
    return refuse(ErrorCode::unsupported_compression_type,
                  "zstd needs Produce in version 7 or higher");
  }
  return {};
}

/// Collects what is wrong with single records.
class RecordErrors {
 public:
  void add(ErrorCode error, std::int32_t index, std::string what) {
    // Kafka answers invalid_timestamp if one of many errors is about that.
    if (error_ != ErrorCode::invalid_timestamp) error_ = error;
    errors_.push_back({index, std::move(what)});
  }
  bool empty() const { return errors_.empty(); }
  bool enough() const { return errors_.size() == most_record_errors; }
  std::unexpected<Refusal> refusal() && {
    auto message = "records are refused, the first at " + number(errors_.front().index) + ": " +
                   errors_.front().message;
    return std::unexpected(Refusal{error_, std::move(message), std::move(errors_)});
  }

 private:
  ErrorCode error_ = ErrorCode::none;
  std::vector<RecordError> errors_;
};

struct Range {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  bool holds(std::int64_t value) const { return low <= value && value <= high; }
};

/// Which timestamps the topic takes. Limits may be anything up to 2^63 - 1, so nothing may wrap.
Range allowed_timestamps(const Rules& rules) {
  Range range;
  if (rules.append_time) return range;
  const auto now = to_ms(rules.now);
  std::int64_t bound = 0;
  if (!__builtin_sub_overflow(now, rules.timestamp_before_max_ms, &bound)) range.low = bound;
  if (!__builtin_add_overflow(now, rules.timestamp_after_max_ms, &bound)) range.high = bound;
  return range;
}

/// Goes through all records; gives the largest timestamp.
std::expected<std::int64_t, Refusal> check_records(const Batch& batch,
                                                   std::span<const std::byte> payload,
                                                   const Rules& rules) {
  const auto allowed = allowed_timestamps(rules);
  RecordErrors errors;
  auto largest = no_timestamp;
  std::int32_t index = 0;
  RecordReader reader(batch, payload);
  for (Record record; !errors.enough() && reader.next(record); ++index) {
    if (record.offset_delta != index) [[unlikely]] {
      return refuse(ErrorCode::invalid_record,
                    "record " + number(index) + " has offset delta " + number(record.offset_delta));
    }
    const auto timestamp = to_ms(timestamp_of(batch, record));
    largest = std::max(largest, timestamp);
    if (rules.compacted && !record.key) [[unlikely]] {
      errors.add(ErrorCode::invalid_record, index, "a compacted topic needs keys");
    } else if (timestamp != no_timestamp && !allowed.holds(timestamp)) [[unlikely]] {
      errors.add(ErrorCode::invalid_timestamp, index,
                 "Timestamp " + number(timestamp) + " of message with offset " + number(index) +
                     " is out of range. The timestamp should be within [" + number(allowed.low) +
                     ", " + number(allowed.high) + "]");
    }
  }
  if (auto done = reader.status(); !done) {
    return refuse(ErrorCode::invalid_record, done.error().what());
  }
  if (!errors.empty()) return std::move(errors).refusal();
  return largest;
}

/// The same records under another codec. Their bytes stay what they are; the header's stay too, but
/// for length and codec. The CRC is that of before: `stamp` must follow.
Batch recompressed(const Batch& batch, std::span<const std::byte> payload, const Rules& rules) {
  const auto header = batch.bytes().view().first(header_size);
  const auto codec = static_cast<int>(*rules.codec);
  const auto packed =
      rules.codec == Codec::none ? Bytes() : compress(*rules.codec, payload, rules.level);
  const auto body = rules.codec == Codec::none ? payload : packed.view();
  Writer out;
  out.reserve(header_size + body.size());
  out.i64(batch.base().value);
  out.i32(static_cast<std::int32_t>(header_size + body.size() - length_prefix));
  out.bytes(header.subspan(length_prefix, attributes_at - length_prefix));
  out.i16(static_cast<std::int16_t>((batch.attributes() & ~7) | codec));
  out.bytes(header.subspan(last_offset_delta_at));
  out.bytes(body);
  auto made = Batch::trusted(Bytes(out.take()));
  CHECK(made.has_value());
  return *std::move(made);
}

}  // namespace

std::expected<Batch, Refusal> validate(Bytes records, const Rules& rules) {
  CHECK(rules.max_uncompressed < 1u << 31);
  auto framed = frame(std::move(records), rules);
  if (!framed) return framed;
  auto batch = *std::move(framed);
  if (auto checked = check_header(batch, rules); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  const auto payload = uncompressed(batch, rules.max_uncompressed);
  if (!payload) {
    const bool large = payload.error().kind() == IoError::Kind::full;
    return refuse(large ? ErrorCode::message_too_large : ErrorCode::invalid_record,
                  payload.error().what());
  }
  const auto largest = check_records(batch, payload->view(), rules);
  if (!largest) return std::unexpected(largest.error());
  const bool recompress = rules.codec && rules.codec != batch.codec();
  if (recompress) batch = recompressed(batch, payload->view(), rules);
  const auto max_timestamp = rules.append_time ? to_ms(rules.now) : *largest;
  if (recompress || rules.append_time || to_ms(batch.max_timestamp()) != max_timestamp) {
    batch.stamp(rules.append_time, max_timestamp);
  }
  const auto size = static_cast<std::int64_t>(batch.size());
  if (size > rules.max_message_bytes) {
    return refuse(ErrorCode::message_too_large, "recompressed, the batch takes " + number(size) +
                                                    " bytes, max.message.bytes is " +
                                                    number(rules.max_message_bytes));
  }
  if (size > rules.segment_bytes) {
    return refuse(ErrorCode::record_list_too_large, "the batch takes " + number(size) +
                                                        " bytes, a segment at most " +
                                                        number(rules.segment_bytes));
  }
  return batch;
}

}  // namespace trialog::records
