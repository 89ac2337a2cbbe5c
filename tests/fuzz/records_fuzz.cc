// What a client may send as records: read, decompressed, validated and recompressed. Finds crashes,
// reads out of bounds, more memory than the limits allow, and batches that are accepted but do not
// read back.

#include <cstdlib>
#include <vector>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/records/compression.h"
#include "core/records/control.h"
#include "core/records/validate.h"

namespace {

using namespace trialog;
using namespace trialog::records;

constexpr std::size_t limit = 1u << 20;

void put_u32(std::vector<std::byte>& bytes, std::size_t at, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = std::byte(value >> (8 * (3 - i)) & 255);
}

/// Chance does not find a CRC: makes length, magic and CRC right, so that the rest is reached.
void make_plausible(std::vector<std::byte>& bytes) {
  if (bytes.size() < header_size) return;
  put_u32(bytes, 8, bytes.size() - length_prefix);
  bytes[16] = std::byte{2};
  put_u32(bytes, 17, crc32c(std::span<const std::byte>(bytes).subspan(21)));
}

/// How many records can be read, up to where something is wrong.
std::int32_t readable(const Batch& batch, bool& whole) {
  const auto payload = uncompressed(batch, limit);
  whole = payload.has_value();
  if (!whole) return 0;
  CHECK(batch.codec() == Codec::none || payload->size() <= limit);
  RecordReader reader(batch, payload->view());
  std::int32_t count = 0;
  for (Record record; reader.next(record); ++count) {
    CHECK(offset_of(batch, record) < batch.end());
    static_cast<void>(timestamp_of(batch, record));
  }
  whole = reader.status().has_value();
  return count;
}

Rules rules_from(unsigned choice) {
  Rules rules;
  rules.now = wall_time(1'700'000'000'000);
  rules.max_uncompressed = limit;
  rules.append_time = (choice & 1) != 0;
  rules.compacted = (choice & 2) != 0;
  rules.allow_zstd = (choice & 4) == 0;
  if ((choice & 8) != 0) rules.codec = static_cast<Codec>(choice >> 4 & 3);
  return rules;
}

void validate_and_read(const std::vector<std::byte>& bytes, const Rules& rules) {
  const auto taken = validate(Bytes(bytes), rules);
  if (!taken) {
    CHECK(taken.error().error != ErrorCode::none);
    return;
  }
  const auto again = Batch::parse(taken->bytes());
  CHECK(again.has_value());
  bool whole = false;
  CHECK(readable(*again, whole) == again->count());
  CHECK(whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned how = data[0], choice = data[1];
  const auto view = std::as_bytes(std::span(data + 2, size - 2));
  std::vector<std::byte> bytes(view.begin(), view.end());
  if ((how & 1) != 0) make_plausible(bytes);
  if (const auto batch = Batch::parse(Bytes(bytes))) {
    bool whole = false;
    CHECK(readable(*batch, whole) <= batch->count());
    if (batch->is_control()) static_cast<void>(parse_transaction_marker(*batch));
  }
  validate_and_read(bytes, rules_from(choice));
  const auto plain = decompress(static_cast<Codec>(choice % 5), view, limit);
  CHECK(!plain || plain->size() <= limit);
  return 0;
}
