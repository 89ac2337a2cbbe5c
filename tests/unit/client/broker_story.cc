#include "tests/unit/client/broker_story.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/base/check.h"

namespace trialog::client {
namespace {

class App : public sim::Process {
 public:
  explicit App(Env env) : tasks_(env.executor) {}
  void run(Task<void> body) { tasks_.spawn("story", std::move(body)); }
  bool busy() const { return tasks_.size() > 0; }

 private:
  TaskGroup tasks_;
};

class Broker : public sim::Process {
 public:
  Broker(Env env, node::Options options) : node_(env, std::move(options)), tasks_(env.executor) {
    tasks_.spawn("broker", start());
  }

 private:
  Task<void> start() {
    auto started = co_await node_.start();
    EXPECT_TRUE(started.has_value()) << started.error().what();
  }

  node::Node node_;
  TaskGroup tasks_;
};

}  // namespace

BrokerStory::BrokerStory(std::uint64_t seed, std::map<std::string, std::string> settings)
    : datacenter(seed) {
  settings["node.id"] = "1";
  settings["listeners"] = "PLAINTEXT://broker:9092";
  settings["log.dirs"] = "/data";
  metadata::Settings all;
  for (auto& [name, value] : settings) all[name] = value;
  auto parsed = node::parse(all, false);
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
  CHECK(parsed.options.has_value());
  datacenter.machine("broker").start(
      [options = *parsed.options](Env env) { return std::make_unique<Broker>(env, options); });
  datacenter.machine("app").start([](Env env) { return std::make_unique<App>(env); });
}

void BrokerStory::plays(Task<void> body, Duration simulated) {
  auto& app = static_cast<App&>(*datacenter.machine("app").process());
  app.run(std::move(body));
  const auto end = datacenter.world().now() + simulated;
  EXPECT_TRUE(datacenter.world().run_while([&] { return app.busy(); }, end))
      << "the story did not end in time";
}

void BrokerStory::crash_broker(Duration after) {
  auto& world = datacenter.world();
  world.after(after, 0, "test.crash", [this] { datacenter.machine("broker").crash(); });
  world.after(after + seconds(1), 0, "test.restart",
              [this] { datacenter.machine("broker").restart(); });
}

}  // namespace trialog::client
