#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/conformance/chaos/proxy.h"

namespace trialog::chaos {

/// Three trialogd, each broker and controller, that reach each other through proxies and clients
/// reach directly. They end with this process.
class Brokers {
 public:
  static constexpr int count = 3;

  Brokers(std::string program, std::string scratch, std::vector<std::string> settings);
  ~Brokers();

  void start(int id);
  /// Whether it serves requests, or had ended. Ends the test if it died by itself.
  bool ready(int id);
  void wait_ready(int id, int seconds);
  /// SIGKILL or SIGTERM; waits for its end. A clean end must be one.
  void end(int id, int signal);
  void signal(int id, int signal);
  bool runs(int id) const { return nodes_[static_cast<std::size_t>(id)].pid > 0; }

  Proxies& wires() { return proxies_; }
  std::string bootstrap() const;

 private:
  struct Node {
    pid_t pid = -1;
    std::uint16_t clients, inside, controller;
  };
  std::string path(int id, const char* suffix) const;
  void write_settings(int id, const std::vector<std::string>& settings,
                      const std::vector<std::uint16_t>& inside, const std::string& voters);

  std::string program_, scratch_;
  Proxies proxies_;
  std::vector<Node> nodes_;  // By id; the first is none.
};

}  // namespace trialog::chaos
