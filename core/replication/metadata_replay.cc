#include "core/replication/metadata_replay.h"

#include <fmt/format.h>

#include "core/metadata/records.h"
#include "core/records/compression.h"
#include "core/records/record.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

constexpr std::size_t read_size = 1 << 20;
/// What one batch of records may unpack to.
constexpr std::size_t batch_limit = 256 << 20;

auto corrupt(Offset at, std::string_view what) {
  return failure(IoError::Kind::corrupt,
                 fmt::format("the metadata log at offset {}: {}", at.value, what));
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
  const auto bytes = co_await gathered(std::move(*chain));
  if (!bytes) co_return failure(bytes.error());
  auto batches = batches_in(*bytes);
  if (!batches) co_return corrupt(from, batches.error().what());
  if (batches->empty()) co_return corrupt(from, "nothing where there should be more");
  co_return batches;
}

}  // namespace trialog::replication
