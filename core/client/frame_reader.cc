#include "core/client/frame_reader.h"

#include <algorithm>

#include "core/base/cursor.h"

namespace trialog::client {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t ordinary_buffer = 64u << 10;

}  // namespace

Task<Result<Bytes>> FrameReader::next() {
  auto prefixed = co_await need(length_size);
  if (!prefixed) co_return failure(prefixed.error());
  const auto length = Reader(buffer_.view().subspan(at_)).i32();
  if (length < 0 || static_cast<std::size_t>(length) > limit_) {
    std::string problem = "a frame of " + std::to_string(length) + " bytes";
    co_return failure(IoError::Kind::corrupt, std::move(problem));
  }
  at_ += length_size;
  const auto size = static_cast<std::size_t>(length);
  auto whole = co_await need(size);
  if (!whole) co_return failure(whole.error());
  auto body = buffer_.slice(at_, size);
  at_ += size;
  co_return body;
}

Task<Status> FrameReader::need(std::size_t count) {
  while (buffer_.size() - at_ < count) {
    make_room(count);
    auto got = co_await connection_.read(buffer_.room());
    if (!got) co_return failure(got.error());
    buffer_.filled(*got);
  }
  co_return Status();
}

void FrameReader::make_room(std::size_t count) {
  if (at_ + count <= buffer_.capacity()) return;
  Buffer fresh(std::max(count, ordinary_buffer));
  fresh.append(buffer_.view().subspan(at_));
  buffer_ = std::move(fresh);
  at_ = 0;
}

}  // namespace trialog::client
