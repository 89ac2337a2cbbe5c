#include "core/log/batch_scanner.h"

#include <algorithm>

#include "core/base/crc32c.h"
#include "core/records/batch.h"

namespace trialog::log {
namespace {

constexpr std::size_t window_for_headers = 8u << 10;
constexpr std::size_t window_for_contents = 512u << 10;
/// The CRC covers everything from the attributes on.
constexpr std::size_t crc_from = 21;

}  // namespace

BatchScanner::BatchScanner(std::shared_ptr<File> file, std::uint64_t from, std::uint64_t end,
                           Check check, std::size_t window)
    : file_(std::move(file)),
      position_(from),
      end_(end),
      check_(check),
      capacity_(check == Check::headers ? window_for_headers : window_for_contents) {
  capacity_ = std::clamp(window, records::header_size, capacity_);
  capacity_ =
      std::min<std::uint64_t>(capacity_, std::max<std::uint64_t>(end_ - std::min(from, end_), 1));
  buffer_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
}

Task<Result<std::optional<BatchHeader>>> BatchScanner::next() {
  pass_damage();
  if (position_ >= end_) co_return std::nullopt;
  auto bytes = co_await window(position_, records::header_size);
  if (!bytes) co_return failure(bytes.error());
  auto header = BatchHeader::parse(*bytes, position_, end_ - position_);
  if (!header) co_return failure(IoError::Kind::corrupt, header.error());
  if (last_end_ && header->base < *last_end_) {
    co_return failure(IoError::Kind::corrupt, "a batch begins before the one in front of it ends");
  }
  if (first_end_ && header->end != *first_end_) {
    co_return failure(IoError::Kind::corrupt, "a batch does not end where the index has it");
  }
  if (gapless_ && last_end_ && header->base != *last_end_) {
    co_return failure(IoError::Kind::corrupt, "a batch is missing");
  }
  first_end_.reset();
  if (check_ == Check::contents) {
    auto good = co_await check_contents(*header);
    if (good) good = co_await check_offset(*header);
    if (!good) co_return failure(good.error());
  }
  last_end_ = header->end;
  position_ += header->size;
  co_return *header;
}

void BatchScanner::pass_damage() {
  skipped_.reset();
  for (const auto& damage : damage_) {
    const bool inside = position_ >= damage.position && position_ < damage.end_position;
    // Bytes may also be missing, at the end of the file.
    const bool missing = position_ == damage.position && position_ == damage.end_position;
    if (!inside && !missing) continue;
    skipped_ = damage;
    position_ = damage.end_position;
    last_end_ = damage.end;
  }
}

/// A batch may begin behind where the one before it ended, if compaction has left something out. It
/// may also have a damaged base offset; then it reaches into the one behind it. Or it may have been
/// written over the one that belongs here; then there is none where it belongs.
Task<Status> BatchScanner::check_offset(const BatchHeader& header) {
  if (bound_ && header.end > *bound_) {
    co_return failure(IoError::Kind::corrupt, "a batch ends behind what the log holds");
  }
  if (full_ && last_end_ && *last_end_ < *full_ && header.base >= *full_) {
    co_return failure(IoError::Kind::corrupt, "a batch is missing");
  }
  const auto behind = header.position + header.size;
  const bool follows = last_end_ && header.base == *last_end_;
  if (follows || behind + records::header_size > end_) co_return Status();
  auto bytes = co_await window(behind, records::header_size);
  if (!bytes) co_return failure(bytes.error());
  const auto next = BatchHeader::parse(*bytes, behind, end_ - behind);
  if (!next || next->base < header.end || (bound_ && next->end > *bound_)) {
    co_return failure(IoError::Kind::corrupt, "a batch does not stand where its offsets belong");
  }
  co_return Status();
}

Task<Result<std::span<const std::byte>>> BatchScanner::window(std::uint64_t at, std::size_t least) {
  const std::uint64_t wanted = std::min<std::uint64_t>(least, end_ - at);
  if (at < begin_ || at + wanted > begin_ + filled_) {
    const auto count = std::min<std::uint64_t>(capacity_, end_ - at);
    auto got = co_await file_->read(at, std::span<std::byte>(buffer_.get(), count));
    if (!got) co_return failure(got.error());
    begin_ = at;
    filled_ = *got;
  }
  const auto skipped = at - begin_;
  co_return std::span<const std::byte>(buffer_.get() + skipped, filled_ - skipped);
}

Task<Status> BatchScanner::check_contents(const BatchHeader& header) {
  std::uint32_t crc = 0;
  std::uint64_t at = header.position + crc_from;
  const std::uint64_t end = header.position + header.size;
  while (at < end) {
    auto bytes = co_await window(at, 1);
    if (!bytes) co_return failure(bytes.error());
    if (bytes->empty()) co_return failure(IoError::Kind::corrupt, "the file ends within a batch");
    const auto piece = bytes->first(std::min<std::uint64_t>(bytes->size(), end - at));
    crc = crc32c(piece, crc);
    at += piece.size();
  }
  if (crc != header.crc) co_return failure(IoError::Kind::corrupt, "a batch has a wrong CRC");
  co_return Status();
}

}  // namespace trialog::log
