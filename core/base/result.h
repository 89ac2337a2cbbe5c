#pragma once

#include <expected>
#include <string>
#include <utility>

namespace trialog {

/// A failure of the world outside (disk, peer, file contents), never of the program.
class IoError {
 public:
  enum class Kind {
    closed,  // The stream or file has come to its end, or we closed it.
    timed_out,
    not_found,
    exists,
    denied,   // Permission, or a read-only place.
    busy,     // A port or directory that somebody else holds.
    refused,  // Nobody listens there.
    corrupt,  // What was read is not what was written.
    full,
    broken,  // Everything else: a connection reset, EIO, a failed sync.
  };

  IoError(Kind kind, std::string what) : kind_(kind), what_(std::move(what)) {}
  Kind kind() const { return kind_; }
  const std::string& what() const { return what_; }

 private:
  Kind kind_;
  std::string what_;
};

/// A `T`, or why there is none.
template <class T>
using Result = std::expected<T, IoError>;
using Status = std::expected<void, IoError>;

inline std::unexpected<IoError> failure(IoError::Kind kind, std::string what) {
  return std::unexpected<IoError>(IoError(kind, std::move(what)));
}
inline std::unexpected<IoError> failure(IoError error) {
  return std::unexpected<IoError>(std::move(error));
}

}  // namespace trialog
