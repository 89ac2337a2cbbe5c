// A broker and a producer in a simulated datacenter, from an installed Trialog.
#include <cstdio>

#include "core/client/producer.h"
#include "core/node/node.h"
#include "sim/datacenter.h"

namespace {

using namespace trialog;

class Broker : public sim::Process {
 public:
  Broker(Env env, node::Options options) : node_(env, std::move(options)), tasks_(env.executor) {
    tasks_.spawn("broker", start());
  }

 private:
  Task<void> start() {
    auto started = co_await node_.start();
    if (!started) std::fprintf(stderr, "%s\n", started.error().what().c_str());
  }
  node::Node node_;
  TaskGroup tasks_;
};

class Shop : public sim::Process {
 public:
  Shop(Env env, client::ProducerOptions options, Offset& where)
      : producer_(env, std::move(options)), where_(where), tasks_(env.executor) {
    tasks_.spawn("shop", sell());
  }

 private:
  Task<void> sell() {
    client::Record order("orders", "a customer", "a book");
    const auto result = co_await producer_.send(std::move(order));
    if (result.acknowledged()) where_ = result.offset;
  }
  client::Producer producer_;
  Offset& where_;
  TaskGroup tasks_;
};

}  // namespace

int main() {
  sim::Datacenter datacenter(7);
  const auto parsed = node::parse(
      {{"node.id", "1"}, {"listeners", "PLAINTEXT://broker:9092"}, {"log.dirs", "/data"}}, false);
  if (!parsed.options) return 1;
  datacenter.machine("broker").start(
      [&](Env env) { return std::make_unique<Broker>(env, *parsed.options); });
  client::ProducerOptions options;
  options.bootstrap.emplace_back("broker", 9092);
  Offset where(-1);
  datacenter.machine("shop").start(
      [&](Env env) { return std::make_unique<Shop>(env, options, where); });
  datacenter.world().run_for(seconds(5));
  std::printf("acknowledged at offset %lld, hash %016llx\n", static_cast<long long>(where.value),
              static_cast<unsigned long long>(datacenter.world().hash()));
  return where == Offset(0) ? 0 : 1;
}
