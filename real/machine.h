#pragma once

#include <memory>

#include "core/env/env.h"

namespace trialog::real {

/// The world as this machine has it: one event loop on the calling thread, with its clock, network
/// and disk. Ignores SIGPIPE for the whole process, because `sendfile` has no other way to. Must
/// outlive every task that uses its `Env`.
class Machine {
 public:
  explicit Machine(Trace& trace);
  ~Machine();

  /// The random stream is seeded by the system, so no two runs are alike.
  Env env();
  /// Runs until `stop`.
  void run();
  /// From within the loop: `run` returns when the current turn has ended.
  void stop();

  /// Waits for SIGTERM or SIGINT and tells which; from the first call on they no longer end the
  /// process. One at a time.
  Task<int> asked_to_stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace trialog::real
