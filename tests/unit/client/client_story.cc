#include "tests/unit/client/client_story.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/records/build.h"

namespace trialog::client {

class ClientStory::App : public sim::Process {
 public:
  explicit App(Env env) : tasks_(env.executor) {}
  void run(Task<void> body) { tasks_.spawn("story", std::move(body)); }
  bool busy() const { return tasks_.size() > 0; }

 private:
  TaskGroup tasks_;
};

ClientStory::ClientStory(std::uint64_t seed) : datacenter(seed) {
  datacenter.machine("broker").start([this](Env env) { return fake_broker(env, broker); });
  datacenter.machine("app").start([](Env env) { return std::make_unique<App>(env); });
}

ProducerOptions ClientStory::producer() const {
  ProducerOptions options;
  options.bootstrap = {broker.endpoint};
  return options;
}

ConsumerOptions ClientStory::consumer() const {
  ConsumerOptions options;
  options.bootstrap = {broker.endpoint};
  options.auto_offset_reset = OffsetReset::earliest;
  return options;
}

void ClientStory::plays(Task<void> body, Duration simulated) {
  auto& app = static_cast<App&>(*datacenter.machine("app").process());
  app.run(std::move(body));
  const auto end = datacenter.world().now() + simulated;
  EXPECT_TRUE(datacenter.world().run_while([&] { return app.busy(); }, end))
      << "the story did not end in time";
}

void ClientStory::restart_broker() {
  datacenter.machine("broker").stop();
  datacenter.machine("broker").restart();
}

void ClientStory::given(const std::string& topic, std::int32_t partition,
                        const std::vector<std::string>& values, WallTime first) {
  auto& partitions = broker.topics[topic];
  const auto index = static_cast<std::size_t>(partition);
  if (partitions.size() <= index) partitions.resize(index + 1);
  for (const auto& value : values) {
    records::BatchBuilder builder(records::BatchOptions{});
    builder.add(first, "key", value);
    first += milliseconds(1);
    Offset base;
    partitions[index].append(builder.build(), base);
  }
}

std::vector<std::string> numbered_values(const std::string& prefix, int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
  return values;
}

}  // namespace trialog::client
