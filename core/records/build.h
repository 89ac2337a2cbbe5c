#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/cursor.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/records/batch.h"
#include "core/records/record.h"

namespace trialog::records {

/// Everything in a batch's header that does not follow from its records.
struct BatchOptions {
  Codec codec = Codec::none;
  /// As `compress` takes it.
  std::optional<int> level;
  Offset base;
  Epoch leader_epoch = no_epoch;
  ProducerId producer_id = no_producer;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;
  /// Makes it a batch of append-time timestamps, all of which are this.
  std::optional<WallTime> append_time;
};

/// Puts records together into a batch, in one piece of memory. Records get consecutive offsets.
class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options);

  /// `timestamp` is the record's own also in a batch with an append time.
  void add(WallTime timestamp, MaybeBytes key, MaybeBytes value,
           std::span<const Header> headers = {});
  void add(WallTime timestamp, std::string_view key, std::string_view value);

  std::int32_t count() const { return count_; }
  /// The batch's size if it were built now without compression, header included.
  std::size_t size() const { return out_.size(); }
  /// The most by which `add` with these would make `size()` grow.
  static std::size_t size_of(MaybeBytes key, MaybeBytes value,
                             std::span<const Header> headers = {});
  /// There must be a record. The builder is used up.
  Batch build();

 private:
  std::vector<std::byte> header(std::size_t payload_size) const;

  BatchOptions options_;
  Writer out_;
  std::int32_t count_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::int64_t max_timestamp_ = 0;
};

}  // namespace trialog::records
