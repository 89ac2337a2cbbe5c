#include "core/log/producers.h"

#include <algorithm>

#include "core/base/crc32c.h"
#include "core/base/cursor.h"

namespace trialog::log {
namespace {

constexpr std::int16_t snapshot_version = 1;
constexpr std::size_t entry_size = 46;

std::int32_t sequence_after(std::int32_t last) { return last == INT32_MAX ? 0 : last + 1; }

/// Sequences count modulo 2^31.
std::int32_t sequence_before(std::int32_t last, std::int32_t count) {
  const std::int64_t first = static_cast<std::int64_t>(last) - count;
  return static_cast<std::int32_t>(first < 0 ? first + INT32_MAX + 1ll : first);
}

}  // namespace

void Producers::Producer::remember(const Sent& batch, std::size_t limit) {
  if (count >= limit) {
    std::move(sent.begin() + 1, sent.begin() + static_cast<std::ptrdiff_t>(count), sent.begin());
    --count;
  }
  sent[count++] = batch;
}

std::expected<std::optional<Appended>, ErrorCode> Producers::check(const BatchHeader& batch) const {
  if (batch.producer_id.value < 0 || batch.is_control()) return std::nullopt;
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end()) return std::nullopt;
  const auto& producer = found->second;
  if (batch.producer_epoch < producer.epoch) {
    return std::unexpected(ErrorCode::invalid_producer_epoch);
  }
  if (batch.producer_epoch > producer.epoch) {
    if (batch.base_sequence == 0) return std::nullopt;
    return std::unexpected(ErrorCode::out_of_order_sequence_number);
  }
  if (bugs_->has(Bug::no_duplicate_window)) return std::nullopt;
  for (std::size_t i = 0; i < producer.count; ++i) {
    const auto& sent = producer.sent[i];
    if (sent.first_sequence == batch.base_sequence && sent.last_sequence == batch.last_sequence()) {
      return Appended(sent.base, sent.end, true);
    }
  }
  const auto last = producer.count == 0 ? -1 : producer.sent[producer.count - 1].last_sequence;
  if (batch.base_sequence == sequence_after(last)) return std::nullopt;
  return std::unexpected(ErrorCode::out_of_order_sequence_number);
}

void Producers::note(const BatchHeader& batch, Instant now) {
  if (batch.producer_id.value < 0) return;
  auto& producer = producers_[batch.producer_id];
  if (batch.producer_epoch != producer.epoch) producer.count = 0;
  producer.epoch = batch.producer_epoch;
  producer.last_timestamp = batch.max_timestamp;
  producer.seen = now;
  if (batch.is_control()) {
    producer.transaction_start = -1;
    return;
  }
  if (batch.is_transactional() && producer.transaction_start < 0) {
    producer.transaction_start = batch.base.value;
  }
  const std::size_t limit = bugs_->has(Bug::duplicate_window_of_one) ? 1 : window;
  const Sent sent(batch.base_sequence, batch.last_sequence(), batch.base, batch.end,
                  batch.max_timestamp);
  producer.remember(sent, limit);
}

void Producers::expire(Instant now, Duration idle) {
  std::erase_if(producers_, [&](const auto& entry) {
    return entry.second.transaction_start < 0 && now - entry.second.seen >= idle;
  });
}

std::vector<KnownProducer> Producers::known() const {
  std::vector<KnownProducer> all;
  all.reserve(producers_.size());
  for (const auto& [id, producer] : producers_) {
    auto& one = all.emplace_back();
    one.id = id;
    one.epoch = producer.epoch;
    if (producer.count > 0) one.last_sequence = producer.sent[producer.count - 1].last_sequence;
    one.last_timestamp = producer.last_timestamp;
    one.coordinator_epoch = producer.coordinator_epoch;
    one.transaction_start = producer.transaction_start;
  }
  return all;
}

Bytes Producers::snapshot() const {
  Writer writer;
  writer.i16(snapshot_version);
  writer.u32(0);
  writer.i32(0);
  std::int32_t count = 0;
  for (const auto& [id, producer] : producers_) {
    // A producer of whom only a marker is there has one entry that says so.
    static constexpr Sent nothing(-1, -1, Offset(-1), Offset(0), -1);
    const auto entries = std::max<std::size_t>(producer.count, 1);
    for (std::size_t i = 0; i < entries; ++i, ++count) {
      const auto& sent = producer.count == 0 ? nothing : producer.sent[i];
      writer.i64(id.value);
      writer.i16(producer.epoch);
      writer.i32(sent.last_sequence);
      writer.i64(sent.end.value - 1);
      writer.i32(static_cast<std::int32_t>(sent.end - sent.base - 1));
      writer.i64(i + 1 == entries ? producer.last_timestamp : sent.timestamp);
      writer.i32(producer.coordinator_epoch);
      writer.i64(producer.transaction_start);
    }
  }
  writer.put_i32(6, count);
  writer.put_i32(2, static_cast<std::int32_t>(crc32c(writer.view().subspan(6))));
  return Bytes(writer.take());
}

std::expected<void, std::string> Producers::load(std::span<const std::byte> snapshot, Instant now) {
  producers_.clear();
  Reader reader(snapshot);
  const auto version = reader.i16();
  const auto crc = reader.u32();
  if (reader.failed() || version != snapshot_version) {
    return std::unexpected("it is not a producer snapshot of version 1");
  }
  if (crc != crc32c(snapshot.subspan(6))) return std::unexpected("its CRC is wrong");
  const auto count = reader.i32();
  // Of a file cut short in its CRC, zeros may be left, which are the CRC of nothing.
  if (reader.failed()) return std::unexpected("it ends before its number of entries");
  if (count < 0 || reader.left() != static_cast<std::uint64_t>(count) * entry_size) {
    return std::unexpected("it says " + std::to_string(count) + " entries but has room for " +
                           std::to_string(reader.left() / entry_size));
  }
  for (std::int32_t i = 0; i < count; ++i) {
    auto& producer = producers_[ProducerId(reader.i64())];
    const auto epoch = reader.i16();
    if (epoch != producer.epoch) producer.count = 0;
    producer.epoch = epoch;
    const auto last_sequence = reader.i32();
    const Offset last(reader.i64());
    const auto delta = reader.i32();
    producer.last_timestamp = reader.i64();
    producer.coordinator_epoch = reader.i32();
    producer.transaction_start = reader.i64();
    producer.seen = now;
    if (last.value < 0 || last_sequence < 0 || delta < 0) continue;
    producer.remember(
        Sent(sequence_before(last_sequence, delta), last_sequence,
             last + -static_cast<std::int64_t>(delta), last + 1, producer.last_timestamp),
        window);
  }
  return {};
}

}  // namespace trialog::log
