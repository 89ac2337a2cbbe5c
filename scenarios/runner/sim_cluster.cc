#include "scenarios/runner/sim_cluster.h"

#include "core/base/check.h"

namespace trialog::scenarios {
namespace {

constexpr std::uint16_t port = 9092;
constexpr auto slice = milliseconds(20);
constexpr auto supervisor_delay = seconds(1);

metadata::Settings with_place(metadata::Settings settings) {
  settings.insert_or_assign("node.id", "1");
  settings.insert_or_assign("listeners", "PLAINTEXT://broker1:" + std::to_string(port));
  settings.insert_or_assign("log.dirs", "/data");
  return settings;
}

}  // namespace

SimCluster::SimCluster(std::uint64_t seed, metadata::Settings settings, Bugs planted,
                       History& history)
    : settings_(with_place(std::move(settings))),
      planted_(planted),
      history_(history),
      datacenter_(seed),
      broker_(&datacenter_.machine("broker1")),
      client_(&datacenter_.machine("client")) {
  broker_->plant(planted_);
}

std::string SimCluster::settings_problem() const {
  const auto parsed = node::parse(settings_, false);
  return parsed.problems.empty() ? "" : parsed.problems.front();
}

void SimCluster::boot() {
  std::vector<Endpoint> bootstrap;
  bootstrap.emplace_back("broker1", port);
  client_->start([this, bootstrap](Env env) {
    return std::make_unique<ClientProcess>(env, bootstrap, history_);
  });
  start_broker();
}

void SimCluster::start_broker() {
  wanted_up_ = true;
  if (broker_->running()) return;
  auto parsed = node::parse(settings_, false);
  CHECK(parsed.options.has_value());
  broker_->start([this, options = *parsed.options](Env env) {
    const auto life = ++starts_;
    return std::make_unique<BrokerProcess>(env, options,
                                           [this, life](const std::string&) { exit_soon(life); });
  });
}

void SimCluster::exit_soon(std::int64_t life) {
  // From the world, because no task may destroy its own node. A supervisor starts it again.
  world().after(Duration{0}, broker_->index(), "process.exit", [this, life] {
    if (starts_ == life && broker_->running()) broker_->stop();
  });
  world().after(supervisor_delay, broker_->index(), "process.supervise", [this] {
    if (wanted_up_) start_broker();
  });
}

void SimCluster::end_broker(bool power_loss) {
  wanted_up_ = false;
  if (power_loss) {
    lost_power_ = true;
    broker_->crash();
  } else if (broker_->running()) {
    broker_->stop();
  }
}

bool SimCluster::stop_broker(Duration limit) {
  wanted_up_ = false;
  if (!broker_->running()) return true;
  process()->stop();
  auto stopped = [this] { return !broker_->running() || process()->stopped(); };
  const bool clean = run_until(stopped, limit, false);
  if (broker_->running()) broker_->stop();
  return clean;
}

void SimCluster::heal() {
  auto& fabric = datacenter_.fabric();
  fabric.heal_all();
  for (const auto* from : {"broker1", "client"}) {
    for (const auto* to : {"broker1", "client"}) fabric.link(from, to) = sim::LinkSettings();
  }
  heal_disk();
  if (broker_->running() && broker_->paused()) broker_->resume();
}

void SimCluster::heal_disk() {
  auto& volume = broker_->volume();
  volume.faults.clear();
  volume.read_only = false;
  volume.capacity.reset();
  volume.stalled_until = sim::beginning;
  volume.speed = sim::DiskSpeed();
}

bool SimCluster::run_until(const std::function<bool()>& done, Duration limit, bool keep_up) {
  const auto end = world().now() + limit;
  while (!done()) {
    if (world().now() >= end) return false;
    if (keep_up) start_broker();
    world().run_until(std::min(end, world().now() + slice));
  }
  return true;
}

}  // namespace trialog::scenarios
