#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "core/base/error_code.h"
#include "core/base/result.h"

namespace trialog::client {

/// Why a call of a client failed: the error that a broker answered, or the failure of the world
/// between us and it. Exactly one of the two: `code()` is `none` if `io()` holds something.
class ClientError {
 public:
  explicit ClientError(ErrorCode code, std::string message = {})
      : code_(code), message_(std::move(message)) {}
  explicit ClientError(IoError error) : io_(std::move(error)) {}

  ErrorCode code() const { return code_; }
  const std::optional<IoError>& io() const { return io_; }
  /// One line for people: Kafka's name of the error and what the broker said about it.
  std::string text() const;

 private:
  ErrorCode code_ = ErrorCode::none;
  std::optional<IoError> io_;
  std::string message_;
};

/// A `T`, or why there is none.
template <class T>
using Answer = std::expected<T, ClientError>;

inline std::unexpected<ClientError> refusal(ErrorCode code, std::string message = {}) {
  return std::unexpected<ClientError>(ClientError(code, std::move(message)));
}
inline std::unexpected<ClientError> refusal(IoError error) {
  return std::unexpected<ClientError>(ClientError(std::move(error)));
}
inline std::unexpected<ClientError> refusal(ClientError error) {
  return std::unexpected<ClientError>(std::move(error));
}

}  // namespace trialog::client
