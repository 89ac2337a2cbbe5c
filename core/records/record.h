#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/records/batch.h"

namespace trialog::records {

/// Bytes that may be null, as keys and values are. A view.
using MaybeBytes = std::optional<std::span<const std::byte>>;

struct Header {
  std::string_view key;
  MaybeBytes value;
};

/// One record, as views into the uncompressed payload of its batch.
struct Record {
  std::int8_t attributes = 0;
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  MaybeBytes key;
  MaybeBytes value;
  std::vector<Header> headers;
};

Offset offset_of(const Batch& batch, const Record& record);
/// The time of appending if the batch has that, else the record's own.
WallTime timestamp_of(const Batch& batch, const Record& record);

/// Goes through the uncompressed payload of a batch, record after record, and believes nothing:
/// lengths lie within and add up, offset deltas rise and stay within the batch, there are as many
/// records as the batch says and nothing after them. Owns neither batch nor payload; allocates for
/// headers only, and never more than there are.
///
///     RecordReader reader(batch, payload->view());
///     Record record;
///     while (reader.next(record)) use(record);
///     if (auto done = reader.status(); !done) return failure(done.error());
class RecordReader {
 public:
  RecordReader(const Batch& batch, std::span<const std::byte> payload);

  /// Overwrites `record` with the next one. False at the end, or where the payload is malformed:
  /// `record` is then unspecified and `status()` tells which.
  bool next(Record& record);
  /// `corrupt` with what was wrong and where, once something was.
  Status status() const;

 private:
  bool read(Record& record, const std::byte* end);
  bool read_headers(Record& record, const std::byte* end);
  bool finish();
  bool wrong(std::string_view what);

  const std::byte* at_;
  const std::byte* end_;
  std::int32_t left_;
  std::int32_t read_ = 0;
  std::int32_t last_delta_ = -1;
  std::int32_t greatest_delta_;
  std::string wrong_;
};

}  // namespace trialog::records
