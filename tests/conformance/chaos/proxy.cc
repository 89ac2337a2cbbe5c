#include "tests/conformance/chaos/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/conformance/chaos/tell.h"

namespace trialog::chaos {

namespace {

constexpr std::size_t most_waiting = 1 << 20;

sockaddr_in local(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

int new_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("no socket for a proxy");
  return fd;
}

void at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Proxies::Proxies() : thread_([this] { run(); }) {}

Proxies::~Proxies() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  thread_.join();
  for (auto& wire : wires_) close(*wire);
  for (const auto& door : doors_) ::close(door.fd);
}

std::uint16_t Proxies::lead_to(int to, std::uint16_t port) {
  const int fd = new_socket();
  auto at = local(0);
  socklen_t size = sizeof at;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(fd, 64) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    fail("a proxy can't listen");
  }
  const std::lock_guard lock(mutex_);
  doors_.push_back({fd, to, port});
  return ntohs(at.sin_port);
}

void Proxies::process_of(int id, pid_t pid) {
  const std::lock_guard lock(mutex_);
  processes_[id] = pid;
}

void Proxies::cut(int from, int to, Cut how) {
  const std::lock_guard lock(mutex_);
  cuts_[{from, to}] = how;
}

void Proxies::heal() {
  const std::lock_guard lock(mutex_);
  cuts_.clear();
}

Cut Proxies::state_of(const Wire& wire) {
  const auto found = cuts_.find({wire.from, wire.to});
  return found == cuts_.end() ? Cut::none : found->second;
}

void Proxies::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
    }
    turn();
  }
}

void Proxies::turn() {
  std::vector<pollfd> watched;
  std::size_t doors = 0, wires = 0;
  {
    const std::lock_guard lock(mutex_);
    doors = doors_.size();
    wires = wires_.size();
    for (const auto& door : doors_) watched.push_back({door.fd, POLLIN, 0});
    for (const auto& wire : wires_) {
      const bool still = state_of(*wire) == Cut::stall;
      for (const auto* pair : {&wire->near, &wire->far}) {
        const auto& other = pair == &wire->near ? wire->far : wire->near;
        short events = 0;
        if (!still && !pair->ended && other.waiting.size() < most_waiting) events |= POLLIN;
        if (!still && !pair->waiting.empty()) events |= POLLOUT;
        watched.push_back({events == 0 ? -1 : pair->fd, events, 0});
      }
    }
  }
  ::poll(watched.data(), watched.size(), 5);
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < wires; ++i) {
    auto& wire = *wires_[i];
    const auto state = state_of(wire);
    if (state == Cut::refuse) close(wire);
    if (state != Cut::none || wire.gone) continue;
    move(wire, watched[doors + 2 * i].revents, watched[doors + 2 * i + 1].revents);
  }
  for (std::size_t i = 0; i < doors; ++i) {
    if ((watched[i].revents & POLLIN) != 0) open(doors_[i]);
  }
  std::erase_if(wires_, [](const auto& wire) { return wire->gone; });
}

void Proxies::open(const Door& door) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  const int fd =
      ::accept4(door.fd, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  auto wire = std::make_unique<Wire>();
  wire->from = owner_of(ntohs(peer.sin_port));
  wire->to = door.to;
  wire->near.fd = fd;
  wire->far.fd = new_socket();
  at_once(wire->near.fd);
  at_once(wire->far.fd);
  const auto at = local(door.port);
  const int done = ::connect(wire->far.fd, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  if ((done != 0 && errno != EINPROGRESS) || state_of(*wire) == Cut::refuse) close(*wire);
  wires_.push_back(std::move(wire));
}

void Proxies::move(Wire& wire, short near_events, short far_events) {
  bool whole = true;
  const short readable = POLLIN | POLLHUP | POLLERR;
  if ((near_events & readable) != 0) whole = pump(wire.near, wire.far);
  if (whole && (far_events & readable) != 0) whole = pump(wire.far, wire.near);
  if (whole) whole = flush(wire.near) && flush(wire.far);
  for (auto* half : {&wire.near, &wire.far}) {
    auto& other = half == &wire.near ? wire.far : wire.near;
    if (!whole || !half->ended || half->told || !other.waiting.empty()) continue;
    ::shutdown(other.fd, SHUT_WR);
    half->told = true;
  }
  if (!whole || (wire.near.told && wire.far.told)) close(wire);
}

/// False if the stream is broken.
bool Proxies::pump(Half& from, Half& to) {
  char bytes[65536];
  const auto got = ::read(from.fd, bytes, sizeof bytes);
  if (got > 0) to.waiting.append(bytes, static_cast<std::size_t>(got));
  if (got == 0) from.ended = true;
  return got >= 0 || errno == EAGAIN || errno == EINTR;
}

bool Proxies::flush(Half& half) {
  while (!half.waiting.empty()) {
    const auto sent = ::send(half.fd, half.waiting.data(), half.waiting.size(), MSG_NOSIGNAL);
    if (sent <= 0) return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
    half.waiting.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

void Proxies::close(Wire& wire) {
  if (wire.gone) return;
  for (auto* half : {&wire.near, &wire.far}) {
    if (half->fd < 0) continue;
    const linger at_once{1, 0};  // A reset, so that both sides know.
    ::setsockopt(half->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(half->fd);
  }
  wire.gone = true;
}

/// Which broker's process holds the socket that is bound to `port` of the loopback; 0 if none does.
int Proxies::owner_of(std::uint16_t port) {
  std::ifstream table("/proc/net/tcp");
  std::string line, inode;
  char wanted[16];
  std::snprintf(wanted, sizeof wanted, "0100007F:%04X", port);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string word, at;
    words >> word >> at;
    if (at != wanted) continue;
    for (int i = 0; i < 7; ++i) words >> word;
    words >> inode;
    break;
  }
  if (inode.empty()) return 0;
  const std::string link = "socket:[" + inode + "]";
  for (const auto& [id, pid] : processes_) {
    std::error_code ignored;
    const auto folder = "/proc/" + std::to_string(pid) + "/fd";
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (std::filesystem::read_symlink(entry.path(), ignored) == link) return id;
    }
  }
  return 0;
}

}  // namespace trialog::chaos
