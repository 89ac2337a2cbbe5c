#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/client/options.h"
#include "core/node/node.h"
#include "sim/datacenter.h"

namespace trialog::client {

/// A machine "app" for clients and a machine "broker" with a real one (core/node), in one world.
class BrokerStory {
 public:
  explicit BrokerStory(std::uint64_t seed = 1, std::map<std::string, std::string> settings = {});

  sim::Datacenter datacenter;
  Env& env() { return datacenter.machine("app").env(); }
  Instant now() { return env().clock.now(); }
  Endpoint broker() const { return Endpoint("broker", 9092); }

  /// Runs `body` on the app's machine until it ends, which must be within `simulated`.
  void plays(Task<void> body, Duration simulated = seconds(600));
  /// The broker loses its power now or `after`, and starts again a second later.
  void crash_broker(Duration after = Duration(0));
};

}  // namespace trialog::client
