#include "core/client/chunk.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "core/base/cursor.h"
#include "core/records/compression.h"

namespace trialog::client {
namespace {

Bytes joined(const Chain& chain) {
  std::vector<std::byte> all;
  for (const auto& piece : chain.pieces()) {
    const auto* bytes = std::get_if<Bytes>(&piece);
    if (bytes == nullptr) continue;  // What comes from the network is in memory.
    if (chain.pieces().size() == 1) return *bytes;
    all.insert(all.end(), bytes->view().begin(), bytes->view().end());
  }
  return Bytes(std::move(all));
}

/// A control record's key is its version and its type; type 0 ends a transaction in vain (KIP-98).
bool is_abort_marker(const records::Batch& batch, const Bytes& payload) {
  records::RecordReader reader(batch, payload.view());
  records::Record record;
  if (!reader.next(record) || !record.key) return false;
  Reader key(*record.key);
  key.i16();
  return key.i16() == 0 && !key.failed();
}

}  // namespace

Chunk::Chunk(TopicPartition partition, const protocol::Records& records,
             std::vector<AbortedRange> aborted, Rules rules)
    : partition_(std::move(partition)), rules_(rules), aborted_(aborted.begin(), aborted.end()) {
  std::ranges::sort(aborted_, std::less<>(), &AbortedRange::first);
  if (records) split(joined(*records));
}

void Chunk::split(const Bytes& bytes) {
  std::size_t at = 0;
  while (auto size = records::Batch::size_at(bytes.view().subspan(at))) {
    // The last batch may be cut off; a broker sends at least one whole.
    if (*size >= 0 && static_cast<std::uint64_t>(*size) > bytes.size() - at) break;
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(*size, 0));
    auto batch = records::Batch::trusted(bytes.slice(at, count));
    if (!batch) {
      damage_ = batch.error();
      return;
    }
    end_ = batch->end();
    last_epoch_ = batch->leader_epoch();
    batches_.push_back(std::move(*batch));
    at += count;
  }
  if (batches_.empty() && !bytes.empty()) {
    damage_ = IoError(IoError::Kind::corrupt, "a batch that is larger than its answer");
  }
}

Status Chunk::read(Offset& position, std::size_t limit, std::vector<ConsumedRecord>& into) {
  records::Record record;
  while (limit > 0) {
    if (!open_) {
      if (batches_.empty()) break;
      if (auto opened = open_next(position); !opened) return opened;
      continue;
    }
    if (open_->reader.next(record)) {
      const auto offset = records::offset_of(open_->batch, record);
      if (offset < position) continue;
      into.push_back(consumed(record));
      position = offset + 1;
      --limit;
      continue;
    }
    if (auto read = open_->reader.status(); !read) return read;
    position = std::max(position, open_->batch.end());
    open_.reset();
  }
  if (limit > 0 && damage_) return failure(*damage_);
  return Status();
}

Status Chunk::open_next(Offset& position) {
  const auto& next = batches_.front();
  if (rules_.check_crcs) {
    auto checked = records::Batch::parse(next.bytes());
    if (!checked) return failure(checked.error());
  }
  auto payload = records::uncompressed(next, rules_.unpacked_limit);
  if (!payload) return failure(payload.error());
  if (visible(next, *payload)) {
    records::RecordReader reader(next, payload->view());
    open_.emplace(Open{next, std::move(*payload), std::move(reader)});
  } else {
    position = std::max(position, next.end());
  }
  batches_.pop_front();
  return Status();
}

bool Chunk::visible(const records::Batch& batch, const Bytes& payload) {
  while (!aborted_.empty() && aborted_.front().first < batch.end()) {
    aborting_.insert(aborted_.front().producer);
    aborted_.pop_front();
  }
  if (batch.is_control()) {
    if (is_abort_marker(batch, payload)) aborting_.erase(batch.producer_id());
    return false;
  }
  if (!rules_.read_committed || !batch.is_transactional()) return true;
  return !aborting_.contains(batch.producer_id());
}

ConsumedRecord Chunk::consumed(const records::Record& record) const {
  ConsumedRecord result{.partition = partition_,
                        .offset = records::offset_of(open_->batch, record),
                        .leader_epoch = open_->batch.leader_epoch(),
                        .timestamp = records::timestamp_of(open_->batch, record),
                        .append_time = open_->batch.is_append_time(),
                        .key = part(record.key),
                        .value = part(record.value)};
  result.headers.reserve(record.headers.size());
  for (const auto& header : record.headers) {
    result.headers.push_back({std::string(header.key), part(header.value)});
  }
  return result;
}

Bytes Chunk::part(std::span<const std::byte> view) const {
  if (view.empty()) return Bytes();
  return open_->payload.slice(static_cast<std::size_t>(view.data() - open_->payload.data()),
                              view.size());
}

std::optional<Bytes> Chunk::part(const records::MaybeBytes& view) const {
  if (!view) return std::nullopt;
  return part(*view);
}

}  // namespace trialog::client
