#pragma once

#include <cstddef>

#include "core/base/bytes.h"
#include "core/env/network.h"

namespace trialog::client {

/// Cuts the stream of a connection into Kafka's frames: a length of four bytes, then the body.
/// Small frames share one buffer; a large one gets its own. Owns the buffer, not the connection.
class FrameReader {
 public:
  FrameReader(Connection& connection, std::size_t limit) : connection_(connection), limit_(limit) {}

  /// The body of the next frame; `corrupt` if its length is negative or beyond the limit.
  Task<Result<Bytes>> next();

 private:
  /// Reads until `count` bytes from `at_` on are there.
  Task<Status> need(std::size_t count);
  void make_room(std::size_t count);

  Connection& connection_;
  std::size_t limit_;
  Buffer buffer_;
  std::size_t at_ = 0;
};

}  // namespace trialog::client
