#include "core/client/client_error.h"

#include <string_view>

namespace trialog::client {

std::string ClientError::text() const {
  if (io_) return io_->what();
  std::string text(error_name(code_));
  if (!message_.empty()) text += ": " + message_;
  return text;
}

}  // namespace trialog::client
