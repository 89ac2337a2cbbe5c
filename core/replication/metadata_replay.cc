#include "core/replication/metadata_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/env/disk.h"
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

Status replay_record(const records::Batch& batch, const records::Record& record,
                     metadata::Controller& controller, std::int64_t& passed_over) {
  const auto offset = records::offset_of(batch, record);
  if (!record.value) return corrupt(offset, "a record without a value");
  auto decoded = metadata::decode_record(Bytes::copy_of(*record.value));
  if (!decoded) return corrupt(offset, decoded.error().what());
  if (!*decoded) {
    ++passed_over;
    return {};
  }
  if (offset < controller.image().end()) return corrupt(offset, "an offset that was there before");
  controller.skip_to(offset);
  if (const auto problem = controller.image().problem(**decoded); !problem.empty()) {
    return corrupt(offset, problem);
  }
  controller.apply(**decoded);
  return {};
}

}  // namespace

Status replay_batch(const records::Batch& batch, metadata::Controller& controller,
                    std::int64_t& passed_over) {
  if (batch.base() < controller.image().end()) {
    return corrupt(batch.base(), "a batch that was there before");
  }
  if (!batch.is_control()) {
    const auto payload = records::uncompressed(batch, batch_limit);
    if (!payload) return corrupt(batch.base(), payload.error().what());
    records::RecordReader reader(batch, payload->view());
    records::Record record;
    while (reader.next(record)) {
      auto done = replay_record(batch, record, controller, passed_over);
      if (!done) return done;
    }
    if (const auto status = reader.status(); !status) {
      return corrupt(batch.base(), status.error().what());
    }
  }
  controller.skip_to(batch.end());
  return {};
}

Task<Status> replay(Env& env, log::PartitionLog& log, metadata::Controller& controller) {
  if (log.start() != Offset(0)) {
    co_return corrupt(log.start(), "it begins here, after a snapshot, which we can't read");
  }
  std::int64_t passed_over = 0;
  Offset at = log.start();
  while (at < log.committed_end()) {
    auto chain = co_await log.read(at, log.committed_end(), read_size);
    if (!chain) co_return failure(std::move(chain.error()));
    const auto bytes = co_await gather(std::move(*chain));
    if (!bytes) co_return failure(bytes.error());
    for (std::size_t from = 0; from < bytes->size();) {
      const auto batch = batch_at(*bytes, from);
      if (!batch) co_return corrupt(at, batch.error().what());
      auto done = replay_batch(*batch, controller, passed_over);
      if (!done) co_return done;
      from += batch->size();
      at = batch->end();
    }
    if (bytes->empty()) co_return corrupt(at, "nothing where there should be more");
  }
  if (passed_over > 0) {
    env.trace.note(Level::info, "metadata.passed_over",
                   fmt::format("{} records of types that are not used", passed_over));
  }
  co_return Status();
}

}  // namespace trialog::replication
