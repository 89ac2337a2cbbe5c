#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/env/network.h"

namespace trialog {

/// Cuts the bytes of a connection into frames (a four-byte length, then that many bytes), each a
/// slice of the memory that the connection was read into: nothing is copied after it was received,
/// but for a frame that began at the end of a buffer.
///
/// Always true: memory follows what has arrived, not what was announced. A silent client costs one
/// small buffer, a busy one up to 256 KiB; a frame gets up to 2 MiB at once (untouched memory is
/// not resident) and beyond that twice what is there. Does not own the connection.
class FrameReader {
 public:
  /// A frame shorter than `least` or longer than `limit` is a `problem()`.
  FrameReader(Connection& connection, std::size_t least, std::size_t limit);

  /// The next frame, without its length, if it has arrived as a whole. Does not suspend.
  std::optional<Bytes> take();
  /// The next frame, waited for. `corrupt` if there is a `problem()`.
  Task<Result<Bytes>> next();
  /// Waits for more bytes. Call it only when `take` gave nothing and there is no `problem()`.
  Task<Status> read_more();
  /// Why no frame will ever follow; empty while all is well.
  const std::string& problem() const { return problem_; }
  /// Whether a frame has begun that has not ended.
  bool amid_frame() const { return at_ < buffer_.size(); }

 private:
  std::size_t unread() const { return buffer_.size() - at_; }
  std::int32_t announced() const;
  /// How many bytes from `at_` on the frame takes, as far as that is known.
  std::size_t wanted() const;
  bool has_room(std::size_t wanted) const;
  void make_room();
  void learn(std::size_t room, std::size_t count);

  Connection& connection_;
  std::size_t least_;
  std::size_t limit_;
  Buffer buffer_;
  std::size_t at_ = 0;
  std::size_t chunk_;
  std::string problem_;
};

}  // namespace trialog
