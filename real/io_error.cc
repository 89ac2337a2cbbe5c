#include "real/io_error.h"

#include <cerrno>
#include <system_error>

namespace trialog::real {

IoError::Kind kind_of(int error) {
  switch (error) {
    case EBADF:
      return IoError::Kind::closed;
    case ETIMEDOUT:
      return IoError::Kind::timed_out;
    case ENOENT:
    case ENOTDIR:
      return IoError::Kind::not_found;
    case EEXIST:
    case ENOTEMPTY:
      return IoError::Kind::exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return IoError::Kind::denied;
    case EADDRINUSE:
    case EWOULDBLOCK:
    case EBUSY:
      return IoError::Kind::busy;
    case ECONNREFUSED:
      return IoError::Kind::refused;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return IoError::Kind::full;
    default:
      return IoError::Kind::broken;
  }
}

IoError system_error(int error, std::string_view tried, std::string_view on) {
  std::string text(tried);
  text += ' ';
  text += on;
  text += ": ";
  text += std::generic_category().message(error);
  return IoError(kind_of(error), std::move(text));
}

}  // namespace trialog::real
