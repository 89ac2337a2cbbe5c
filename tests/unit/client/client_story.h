#pragma once

#include <string>
#include <vector>

#include "core/client/consumer.h"
#include "core/client/producer.h"
#include "sim/datacenter.h"
#include "tests/unit/client/fake_broker.h"

namespace trialog::client {

/// A machine "app" with a client and a machine "broker" with a fake broker, in one world.
class ClientStory {
 public:
  explicit ClientStory(std::uint64_t seed = 1);

  FakeState broker;
  sim::Datacenter datacenter;
  Env& env() { return datacenter.machine("app").env(); }
  Instant now() { return env().clock.now(); }
  ProducerOptions producer() const;
  ConsumerOptions consumer() const;

  /// Runs `body` on the app's machine until it ends, which must be within `simulated`.
  void plays(Task<void> body, Duration simulated = seconds(600));
  void restart_broker();
  /// Puts records into the log as if somebody had produced them, each a batch of its own.
  void given(const std::string& topic, std::int32_t partition,
             const std::vector<std::string>& values, WallTime first = wall_time(1000));

 private:
  class App;
};

/// "prefix0", "prefix1" ...
std::vector<std::string> numbered_values(const std::string& prefix, int count);

}  // namespace trialog::client
