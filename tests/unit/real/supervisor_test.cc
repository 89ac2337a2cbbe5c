#include "real/supervisor.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <string>

namespace trialog::real {
namespace {

/// Who starts the broker and wants to be told.
class Supervisor {
 public:
  explicit Supervisor(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    name.copy(at.sun_path, sizeof(at.sun_path) - 1);
    if (name[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Supervisor() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  std::string told() {
    char text[64];
    const auto got = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
    return got < 0 ? "" : std::string(text, static_cast<std::size_t>(got));
  }

 private:
  int fd_;
};

TEST(Supervisor, IsToldByAnAbstractSocket) {
  Supervisor supervisor("@trialog-supervisor-" + std::to_string(::getpid()));
  tell_supervisor("READY=1");
  EXPECT_EQ(supervisor.told(), "READY=1");
}

TEST(Supervisor, IsToldByASocketInTheFileSystem) {
  const auto path = testing::TempDir() + "supervisor-" + std::to_string(::getpid());
  {
    Supervisor supervisor(path);
    tell_supervisor("STOPPING=1");
    EXPECT_EQ(supervisor.told(), "STOPPING=1");
  }
  ::unlink(path.c_str());
}

TEST(Supervisor, NobodyNeedsToListen) {
  ::unsetenv("NOTIFY_SOCKET");
  tell_supervisor("READY=1");
  ::setenv("NOTIFY_SOCKET", "/no/such/socket", 1);
  tell_supervisor("READY=1");
  ::setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
  tell_supervisor("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace trialog::real
