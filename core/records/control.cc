#include "core/records/control.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/cursor.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::records {
namespace {

/// Control batches are ours and small; a follower reads them too, so the limit is not left out.
constexpr std::size_t control_limit = 1u << 20;

std::unexpected<IoError> wrong(const char* what) {
  return failure(IoError::Kind::corrupt, std::string("control record: ") + what);
}

}  // namespace

std::optional<ControlType> ControlKey::known() const {
  if (type < 0 || type > static_cast<std::int16_t>(ControlType::kraft_voters)) return std::nullopt;
  return static_cast<ControlType>(type);
}

Result<ControlKey> parse_control_key(const MaybeBytes& key) {
  if (!key) return wrong("the key is null");
  Reader reader(*key);
  ControlKey parsed;
  parsed.version = reader.i16();
  parsed.type = reader.i16();
  if (reader.failed()) return wrong("the key takes fewer than 4 bytes");
  if (parsed.version < 0) return wrong("the key's version is negative");
  return parsed;
}

std::vector<std::byte> control_key(ControlType type) {
  Writer out;
  out.i16(0);
  out.i16(static_cast<std::int16_t>(type));
  return out.take();
}

Batch control_batch(BatchOptions options, WallTime timestamp, ControlType type,
                    std::span<const std::byte> value) {
  options.control = true;
  BatchBuilder builder(options);
  builder.add(timestamp, control_key(type), value);
  return builder.build();
}

Result<std::optional<TransactionMarker>> parse_transaction_marker(const Batch& batch) {
  CHECK(batch.is_control());
  auto payload = uncompressed(batch, control_limit);
  if (!payload) return failure(std::move(payload).error());
  RecordReader reader(batch, payload->view());
  Record record;
  if (!reader.next(record)) {
    if (auto done = reader.status(); !done) return failure(std::move(done).error());
    return std::nullopt;  // Compaction may leave a control batch without records.
  }
  const auto key = parse_control_key(record.key);
  if (!key) return failure(key.error());
  const auto type = key->known();
  if (type != ControlType::abort && type != ControlType::commit) return std::nullopt;
  if (!record.value) return wrong("a transaction marker's value is null");
  Reader value(*record.value);
  const auto version = value.i16();
  const auto coordinator_epoch = value.i32();
  if (value.failed()) return wrong("a transaction marker's value takes fewer than 6 bytes");
  if (version < 0) return wrong("a transaction marker's version is negative");
  return TransactionMarker{type == ControlType::commit, coordinator_epoch};
}

Batch transaction_marker(ProducerId producer, std::int16_t producer_epoch, WallTime timestamp,
                         TransactionMarker marker) {
  BatchOptions options;
  options.producer_id = producer;
  options.producer_epoch = producer_epoch;
  options.transactional = true;
  Writer value;
  value.i16(0);
  value.i32(marker.coordinator_epoch);
  return control_batch(options, timestamp, marker.commit ? ControlType::commit : ControlType::abort,
                       value.view());
}

}  // namespace trialog::records
