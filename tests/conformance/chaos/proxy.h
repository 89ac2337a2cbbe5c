#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace trialog::chaos {

/// What happens to bytes on a link that is cut.
enum class Cut { none, stall, refuse };

/// The wires between brokers: whoever connects to a proxy's port reaches the broker behind it,
/// until that link is cut. A link goes from the broker that connects to the one that is connected
/// to; who connects is found through /proc. All calls may come from any thread.
class Proxies {
 public:
  Proxies();
  ~Proxies();

  /// A port that leads to `port` of broker `to`.
  std::uint16_t lead_to(int to, std::uint16_t port);
  /// The process that is broker `id` from now on.
  void process_of(int id, pid_t pid);

  /// Stalled bytes wait and arrive when the link is whole again; refused ones are gone with their
  /// connection, and so are new ones.
  void cut(int from, int to, Cut how);
  void heal();

 private:
  struct Door {
    int fd;
    int to;
    std::uint16_t port;
  };
  struct Half {
    int fd = -1;
    std::string waiting;  // To be written to it.
    bool ended = false;   // It writes no more.
    bool told = false;    // The other side has been told so.
  };
  struct Wire {
    int from, to;
    Half near, far;
    bool gone = false;
  };

  void run();
  void turn();
  void open(const Door& door);
  void move(Wire& wire, short near_events, short far_events);
  static bool pump(Half& from, Half& to);
  static bool flush(Half& half);
  int owner_of(std::uint16_t port);
  Cut state_of(const Wire& wire);
  static void close(Wire& wire);

  std::mutex mutex_;
  std::vector<Door> doors_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::map<int, pid_t> processes_;
  std::map<std::pair<int, int>, Cut> cuts_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace trialog::chaos
