#include "real/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "real/open_fd.h"

namespace trialog::real {

/// sd_notify(3): a datagram to the socket that $NOTIFY_SOCKET names; '@' stands for the zero byte
/// of an abstract name.
void tell_supervisor(std::string_view state) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr) return;
  const std::string_view path(name);
  sockaddr_un to{};
  if (path.empty() || path.size() >= sizeof(to.sun_path)) return;
  to.sun_family = AF_UNIX;
  std::ranges::copy(path, to.sun_path);
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  OpenFd socket(fd);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&to), size);
}

}  // namespace trialog::real
