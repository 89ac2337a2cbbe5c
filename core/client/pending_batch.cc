#include "core/client/pending_batch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/base/cursor.h"

namespace trialog::client {
namespace {

// Where the fields lie in a record batch of magic 2.
constexpr std::size_t crc_at = 17;
constexpr std::size_t attributes_at = 21;
constexpr std::size_t producer_id_at = 43;
constexpr std::size_t after_sequence = 57;

records::MaybeBytes view(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return bytes->view();
}

std::vector<records::Header> views(const std::vector<Header>& headers) {
  std::vector<records::Header> result;
  result.reserve(headers.size());
  for (const auto& header : headers) result.push_back({header.key, view(header.value)});
  return result;
}

}  // namespace

PendingBatch::PendingBatch(std::shared_ptr<BatchFate> batch_fate, records::Codec codec, Instant now)
    : fate(std::move(batch_fate)), created(now), not_before(now) {
  records::BatchOptions options{.codec = codec};
  builder_.emplace(options);
}

std::size_t PendingBatch::size_of(const Record& record) {
  return records::BatchBuilder::size_of(view(record.key), view(record.value),
                                        views(record.headers));
}

std::size_t PendingBatch::add(const Record& record, WallTime timestamp) {
  CHECK(open());
  builder_->add(timestamp, view(record.key), view(record.value), views(record.headers));
  size_ = builder_->size();
  return static_cast<std::size_t>(count_++);
}

void PendingBatch::close() {
  if (!open()) return;
  built_ = builder_->build().bytes();
  builder_.reset();
}

Bytes PendingBatch::bytes() {
  close();
  if (!numbered()) return built_;
  return client::numbered(built_, identity_, sequence_);
}

void PendingBatch::number(ProducerIdentity identity, std::int32_t sequence) {
  CHECK(sequence >= 0);
  CHECK(!numbered());
  identity_ = identity;
  sequence_ = sequence;
}

Bytes numbered(const Bytes& batch, ProducerIdentity identity, std::int32_t sequence) {
  CHECK(batch.size() >= records::header_size);
  Writer fields;
  fields.i64(identity.id.value);
  fields.i16(identity.epoch);
  fields.i32(sequence);
  std::vector<std::byte> copy(batch.view().begin(), batch.view().end());
  static_assert(producer_id_at + 8 + 2 + 4 == after_sequence);
  std::ranges::copy(fields.view(), copy.begin() + producer_id_at);
  Writer crc;
  crc.u32(crc32c(std::span(copy).subspan(attributes_at)));
  std::ranges::copy(crc.view(), copy.begin() + crc_at);
  return Bytes(std::move(copy));
}

}  // namespace trialog::client
