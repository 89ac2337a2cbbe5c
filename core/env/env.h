#pragma once

#include "core/base/bugs.h"
#include "core/base/random.h"
#include "core/base/trace.h"
#include "core/env/clock.h"
#include "core/env/disk.h"
#include "core/env/executor.h"
#include "core/env/network.h"
#include "core/env/wait.h"

namespace trialog {

/// Everything of the world outside that a node may touch. There is no other way out of core/. The
/// backend owns the parts and outlives the node.
struct Env {
  Clock& clock;
  Executor& executor;
  Network& network;
  Disk& disk;
  Trace& trace;
  Random random;
  Bugs bugs = {};
};

}  // namespace trialog
