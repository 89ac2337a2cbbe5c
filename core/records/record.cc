#include "core/records/record.h"

#include <limits>
#include <type_traits>

#include "core/base/bytes.h"

namespace trialog::records {
namespace {

/// Zigzag LEB128. Reads nothing at or behind `end`; false if the value is cut off or does not fit.
/// Written out rather than left to `Reader`: a record has six of these, nearly all of one byte, and
/// a broker reads each record that it appends.
template <class Integer>
inline bool zigzag(const std::byte*& at, const std::byte* end, Integer& value) {
  using Raw = std::make_unsigned_t<Integer>;
  constexpr int bits = std::numeric_limits<Raw>::digits;
  Raw raw = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    if (at == end) return false;
    const auto byte = std::to_integer<std::uint8_t>(*at++);
    const auto low = static_cast<Raw>(byte & 127);
    if (shift + 7 > bits && low >> (bits - shift) != 0) return false;
    raw |= low << shift;
    if (byte < 128) {
      value = static_cast<Integer>((raw >> 1) ^ (Raw{0} - (raw & 1)));
      return true;
    }
  }
  return false;
}

/// A length, -1 for null, and as many bytes.
inline bool take(const std::byte*& at, const std::byte* end, MaybeBytes& bytes) {
  std::int32_t size = 0;
  if (!zigzag(at, end, size)) return false;
  if (size < -1 || size > end - at) return false;
  if (size < 0) return bytes.reset(), true;
  bytes.emplace(at, static_cast<std::size_t>(size));
  at += size;
  return true;
}

}  // namespace

Offset offset_of(const Batch& batch, const Record& record) {
  return batch.base() + record.offset_delta;
}

WallTime timestamp_of(const Batch& batch, const Record& record) {
  if (batch.is_append_time()) return batch.max_timestamp();
  // Both come from outside; a sum that wraps is nonsense but not undefined.
  const auto sum = static_cast<std::uint64_t>(batch.base_timestamp()) +
                   static_cast<std::uint64_t>(record.timestamp_delta);
  return wall_time(static_cast<std::int64_t>(sum));
}

RecordReader::RecordReader(const Batch& batch, std::span<const std::byte> payload)
    : at_(payload.data()),
      end_(payload.data() + payload.size()),
      left_(batch.count()),
      greatest_delta_(batch.last_offset_delta()) {}

bool RecordReader::next(Record& record) {
  if (left_ == 0) return finish();
  std::int32_t size = 0;
  if (!zigzag(at_, end_, size)) return wrong("the length is cut off");
  if (size < 0 || size > end_ - at_) return wrong("the length points past the end");
  const auto* end = at_ + size;
  if (!read(record, end)) return false;
  if (at_ != end) return wrong("fields end before the length does");
  if (record.offset_delta <= last_delta_) return wrong("the offset delta does not rise");
  if (record.offset_delta > greatest_delta_) return wrong("the offset delta exceeds the batch's");
  last_delta_ = record.offset_delta;
  --left_;
  ++read_;
  return true;
}

bool RecordReader::read(Record& record, const std::byte* end) {
  if (at_ == end) return wrong("there are no attributes");
  record.attributes = std::to_integer<std::int8_t>(*at_++);
  if (!zigzag(at_, end, record.timestamp_delta)) return wrong("the timestamp delta is malformed");
  if (!zigzag(at_, end, record.offset_delta)) return wrong("the offset delta is malformed");
  if (!take(at_, end, record.key)) return wrong("the key's length is malformed");
  if (!take(at_, end, record.value)) return wrong("the value's length is malformed");
  return read_headers(record, end);
}

bool RecordReader::read_headers(Record& record, const std::byte* end) {
  record.headers.clear();
  std::int32_t count = 0;
  if (!zigzag(at_, end, count)) return wrong("the number of headers is malformed");
  // A header takes at least two bytes: more than that cannot be there, nor be allocated for.
  if (count < 0 || count > (end - at_) / 2) return wrong("the number of headers cannot be right");
  for (; count > 0; --count) {
    MaybeBytes key;
    Header header;
    if (!take(at_, end, key)) return wrong("a header key's length is malformed");
    if (!key) return wrong("a header's key is null");
    if (!take(at_, end, header.value)) return wrong("a header value's length is malformed");
    header.key = as_text(*key);
    record.headers.push_back(header);
  }
  return true;
}

bool RecordReader::finish() {
  if (wrong_.empty() && at_ != end_) {
    wrong_ = std::to_string(end_ - at_) + " bytes are left after the last of " +
             std::to_string(read_) + " records";
  }
  return false;
}

bool RecordReader::wrong(std::string_view what) {
  wrong_ = "record " + std::to_string(read_) + " of the batch: " + std::string(what);
  at_ = end_;
  left_ = 0;
  return false;
}

Status RecordReader::status() const {
  if (wrong_.empty()) return {};
  return failure(IoError::Kind::corrupt, wrong_);
}

}  // namespace trialog::records
