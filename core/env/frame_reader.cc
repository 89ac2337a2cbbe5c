#include "core/env/frame_reader.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/cursor.h"

namespace trialog {
namespace {

constexpr std::size_t prefix = 4;
constexpr std::size_t smallest_chunk = 4u << 10;
constexpr std::size_t largest_chunk = 256u << 10;
constexpr std::size_t at_once = 2u << 20;

}  // namespace

FrameReader::FrameReader(Connection& connection, std::size_t least, std::size_t limit)
    : connection_(connection), least_(least), limit_(limit), chunk_(smallest_chunk) {}

std::int32_t FrameReader::announced() const {
  CHECK(unread() >= prefix);
  return Reader(buffer_.view().subspan(at_, prefix)).i32();
}

std::optional<Bytes> FrameReader::take() {
  if (!problem_.empty() || unread() < prefix) return std::nullopt;
  const std::int64_t length = announced();
  if (length < static_cast<std::int64_t>(least_) || length > static_cast<std::int64_t>(limit_)) {
    problem_ = "frame of " + std::to_string(length) + " bytes; between " + std::to_string(least_) +
               " and " + std::to_string(limit_) + " are allowed";
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(length);
  if (unread() - prefix < size) return std::nullopt;
  Bytes frame = buffer_.slice(at_ + prefix, size);
  at_ += prefix + size;
  return frame;
}

std::size_t FrameReader::wanted() const {
  if (unread() < prefix) return prefix;
  return prefix + static_cast<std::size_t>(announced());
}

bool FrameReader::has_room(std::size_t wanted) const {
  const auto room = buffer_.capacity() - buffer_.size();
  if (room == 0) return false;
  const bool fits = buffer_.capacity() - at_ >= wanted;
  if (at_ == 0) return fits || buffer_.capacity() >= at_once;
  return fits && room >= chunk_ / 4;
}

void FrameReader::make_room() {
  const auto need = wanted();
  if (has_room(need)) return;
  std::size_t capacity = chunk_;
  if (need > chunk_) capacity = std::min(need, std::max(at_once, 2 * unread()));
  CHECK(capacity > unread());
  Buffer next(capacity);
  next.append(buffer_.view().subspan(at_));
  buffer_ = std::move(next);
  at_ = 0;
}

/// The next buffer is larger if this one was filled at a stroke, and smaller if it hardly was.
void FrameReader::learn(std::size_t room, std::size_t count) {
  if (count == room) chunk_ = std::min(2 * chunk_, largest_chunk);
  if (count < chunk_ / 16) chunk_ = std::max(chunk_ / 2, smallest_chunk);
}

Task<Result<Bytes>> FrameReader::next() {
  while (true) {
    if (auto frame = take()) co_return std::move(*frame);
    if (!problem_.empty()) co_return failure(IoError::Kind::corrupt, problem_);
    auto more = co_await read_more();
    if (!more) co_return failure(more.error());
  }
}

Task<Status> FrameReader::read_more() {
  CHECK(problem_.empty());
  make_room();
  const auto room = buffer_.room();
  auto count = co_await connection_.read(room);
  if (!count) co_return failure(count.error());
  buffer_.filled(*count);
  learn(room.size(), *count);
  co_return Status();
}

}  // namespace trialog
