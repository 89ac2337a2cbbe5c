#include "core/replication/metadata_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/env/disk.h"
#include "core/metadata/records.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::replication {
namespace {

constexpr std::size_t read_size = 1 << 20;
/// What one batch of records may unpack to.
constexpr std::size_t batch_limit = 256 << 20;

auto corrupt(Offset at, std::string_view what) {
  return failure(IoError::Kind::corrupt,
                 fmt::format("the metadata log at offset {}: {}", at.value, what));
}

/// The chain in one piece of memory.
Task<Result<Bytes>> gather(Chain chain) {
  std::vector<std::byte> bytes(chain.size());
  std::size_t at = 0;
  for (const auto& piece : chain.pieces()) {
    if (const auto* memory = std::get_if<Bytes>(&piece)) {
      std::ranges::copy(memory->view(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
      at += memory->size();
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    const auto into = std::span(bytes).subspan(at, range.size());
    auto count = co_await range.file().read(range.at(), into);
    if (!count) co_return failure(std::move(count.error()));
    if (*count != into.size()) co_return failure(IoError::Kind::corrupt, "the file is too short");
    at += into.size();
  }
  co_return Bytes(std::move(bytes));
}

Result<records::Batch> batch_at(const Bytes& bytes, std::size_t at) {
  const auto size = records::Batch::size_at(bytes.view().subspan(at));
  if (!size || *size <= 0 || static_cast<std::size_t>(*size) > bytes.size() - at) {
    return failure(IoError::Kind::corrupt, "a batch that is cut off");
  }
  return records::Batch::parse(bytes.slice(at, static_cast<std::size_t>(*size)));
}

Status apply_value(Offset offset, const Bytes& value, metadata::Image& image,
                   std::int64_t& passed_over) {
  auto decoded = metadata::decode_record(value);
  if (!decoded) return corrupt(offset, decoded.error().what());
  if (!*decoded) {
    ++passed_over;
    return {};
  }
  if (const auto problem = image.problem(**decoded); !problem.empty()) {
    return corrupt(offset, problem);
  }
  image.apply(**decoded);
  return {};
}

Status apply_record(const records::Batch& batch, const records::Record& record,
                    metadata::Image& image, std::int64_t& passed_over) {
  const auto offset = records::offset_of(batch, record);
  if (!record.value) return corrupt(offset, "a record without a value");
  if (offset < image.end()) return corrupt(offset, "an offset that was there before");
  image.skip_to(offset);
  return apply_value(offset, Bytes::copy_of(*record.value), image, passed_over);
}

}  // namespace

Status apply_batch(const records::Batch& batch, metadata::Image& image, std::int64_t& passed_over) {
  if (batch.base() < image.end()) return corrupt(batch.base(), "a batch that was there before");
  if (!batch.is_control()) {
    const auto payload = records::uncompressed(batch, batch_limit);
    if (!payload) return corrupt(batch.base(), payload.error().what());
    records::RecordReader reader(batch, payload->view());
    records::Record record;
    while (reader.next(record)) {
      auto done = apply_record(batch, record, image, passed_over);
      if (!done) return done;
    }
    if (const auto status = reader.status(); !status) {
      return corrupt(batch.base(), status.error().what());
    }
  }
  image.skip_to(batch.end());
  return {};
}

Result<metadata::Image> image_of(const std::vector<Bytes>& values, Offset end,
                                 std::int64_t& passed_over) {
  metadata::Image image;
  for (const auto& value : values) {
    auto applied = apply_value(end, value, image, passed_over);
    if (!applied) return failure(applied.error());
  }
  image.stands_at(end);
  return image;
}

Task<Result<std::vector<records::Batch>>> read_batches(log::PartitionLog& log, Offset from,
                                                       Offset end) {
  auto chain = co_await log.read(from, end, read_size);
  if (!chain) co_return failure(std::move(chain.error()));
  const auto bytes = co_await gather(std::move(*chain));
  if (!bytes) co_return failure(bytes.error());
  std::vector<records::Batch> batches;
  for (std::size_t at = 0; at < bytes->size();) {
    auto batch = batch_at(*bytes, at);
    if (!batch) co_return corrupt(from, batch.error().what());
    at += batch->size();
    if (batch->base() >= end) break;
    batches.push_back(std::move(*batch));
  }
  if (batches.empty()) co_return corrupt(from, "nothing where there should be more");
  co_return batches;
}

}  // namespace trialog::replication
