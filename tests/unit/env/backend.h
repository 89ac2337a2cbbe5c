#pragma once

#include <memory>
#include <string>

#include "core/env/env.h"

namespace trialog::conformance {

/// Two nodes, a and b, on one backend of `Env`, that can reach each other. The suite in this folder
/// runs every promise of core/env on it. Both nodes are driven by the same `run`, so a story may
/// use both in one task.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Both live as long as the backend.
  virtual Env& a() = 0;
  virtual Env& b() = 0;
  /// The names to listen at and to connect to: `Endpoint(host_of_a(), 0)` is good for `listen` on
  /// a.
  virtual std::string host_of_a() const = 0;
  virtual std::string host_of_b() const = 0;
  /// A directory of node a that exists and is empty, another one at each call.
  virtual Disk::Path fresh_directory() = 0;
  /// Begins `task` and drives both nodes until it has ended, or gives up and destroys it after
  /// 20 seconds of the backend's time: true if it has ended. What else is ready then stays for the
  /// next `run`.
  [[nodiscard]] virtual bool run(Task<void> task) = 0;
};

}  // namespace trialog::conformance
