#include "scenarios/runner/log_reader.h"

#include "core/base/crc32c.h"
#include "core/log/names.h"
#include "core/records/batch.h"
#include "sim/inode.h"

namespace trialog::scenarios {
namespace {

constexpr std::size_t epoch_at = 12;
constexpr std::size_t crc_at = 17;
constexpr std::size_t attributes_at = 21;
constexpr std::size_t last_offset_delta_at = 23;
constexpr std::size_t producer_at = 43;
constexpr std::size_t producer_epoch_at = 51;
constexpr std::size_t sequence_at = 53;

template <class Int>
Int big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
  }
  return static_cast<Int>(value);
}

/// The batch at the front of `bytes`, and how many of them it takes; nothing if it is not whole.
std::optional<std::pair<BatchView, std::size_t>> batch_at(std::span<const std::byte> bytes) {
  if (bytes.size() < records::header_size) return std::nullopt;
  const auto size = records::Batch::size_at(bytes);
  if (!size || *size < static_cast<std::int64_t>(records::header_size)) return std::nullopt;
  if (*size > static_cast<std::int64_t>(bytes.size())) return std::nullopt;
  const auto whole = bytes.first(static_cast<std::size_t>(*size));
  const auto crc = big_endian<std::uint32_t>(whole, crc_at);
  if (crc32c(whole.subspan(attributes_at)) != crc) return std::nullopt;
  BatchView view;
  view.base = Offset(big_endian<std::int64_t>(whole, 0));
  view.end = view.base + (std::int64_t{1} + big_endian<std::int32_t>(whole, last_offset_delta_at));
  view.epoch = Epoch(big_endian<std::int32_t>(whole, epoch_at));
  view.digest = static_cast<std::uint64_t>(whole.size()) << 32 | crc;
  view.producer = ProducerId(big_endian<std::int64_t>(whole, producer_at));
  view.producer_epoch = big_endian<std::int16_t>(whole, producer_epoch_at);
  view.first_sequence = big_endian<std::int32_t>(whole, sequence_at);
  return std::pair(view, whole.size());
}

}  // namespace

bool LogReader::seek(Offset from) {
  const auto directory = volume_.find(directory_);
  if (directory == nullptr) return false;
  segment_ = nullptr;
  for (const auto& [name, file] : directory->names) {
    const auto base = log::offset_in_name(name, log::log_suffix);
    if (!base) continue;
    if (segment_ != nullptr && *base > from) break;
    segment_ = file;
    segment_base_ = *base;
  }
  next_ = segment_base_;
  position_ = 0;
  return segment_ != nullptr;
}

bool LogReader::next_segment() {
  const auto directory = volume_.find(directory_);
  if (directory == nullptr) return false;
  const auto file = directory->names.find(log::segment_name(next_, log::log_suffix));
  if (file == directory->names.end() || file->second == segment_) return false;
  segment_ = file->second;
  segment_base_ = next_;
  position_ = 0;
  return true;
}

std::vector<BatchView> LogReader::batches(Offset from, Offset end) {
  std::vector<BatchView> list;
  const bool goes_on = segment_ != nullptr && next_ == from && position_ <= segment_->pages.size();
  if (!goes_on && !seek(from)) return list;
  while (next_ < end) {
    const auto view = segment_->pages.view();
    if (position_ >= view.size()) {
      if (!next_segment()) break;
      continue;
    }
    const auto batch = batch_at(view.subspan(position_));
    if (!batch || batch->first.base != next_ || batch->first.end > end) break;
    position_ += batch->second;
    next_ = batch->first.end;
    if (batch->first.end > from) list.push_back(batch->first);
  }
  return list;
}

}  // namespace trialog::scenarios
