#include "scenarios/runner/sim_cluster.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::scenarios {
namespace {

constexpr auto slice = milliseconds(20);
constexpr auto supervisor_delay = seconds(1);

}  // namespace

SimCluster::SimCluster(std::uint64_t seed, ClusterPlan plan, Bugs planted, History& history)
    : plan_(std::move(plan)), history_(history), datacenter_(seed) {
  for (auto& member : plan_.members()) {
    auto& machine = datacenter_.machine(member.host);
    machine.plant(planted);
    members_.push_back({std::move(member), &machine});
  }
  client_ = &datacenter_.machine("client");
}

SimCluster::Member* SimCluster::find(std::string_view name) {
  for (auto& member : members_) {
    if (member.plan.name == name) return &member;
  }
  return nullptr;
}

SimCluster::Member* SimCluster::find(NodeId id) {
  for (auto& member : members_) {
    if (member.plan.id == id) return &member;
  }
  return nullptr;
}

SimCluster::Member* SimCluster::at(sim::NodeIndex machine) {
  for (auto& member : members_) {
    if (member.machine->index() == machine) return &member;
  }
  return nullptr;
}

std::string SimCluster::settings_problem() const {
  for (const auto& member : members_) {
    const auto parsed = node::parse(member.plan.settings, false);
    if (!parsed.problems.empty()) return parsed.problems.front();
  }
  return "";
}

bool SimCluster::permits_unclean() const {
  const auto found = plan_.settings.find(std::string(unclean_setting));
  return found != plan_.settings.end() && found->second == "true";
}

void SimCluster::boot() {
  std::vector<Endpoint> bootstrap;
  for (const auto& member : members_) {
    if (member.plan.is_broker) bootstrap.emplace_back(member.plan.host, client_port);
  }
  client_->start([this, bootstrap](Env env) {
    return std::make_unique<ClientProcess>(env, bootstrap, history_);
  });
  for (auto& member : members_) start(member);
}

void SimCluster::start(Member& member) {
  member.wanted_up = true;
  if (member.machine->running()) return;
  auto parsed = node::parse(member.plan.settings, false);
  CHECK(parsed.options.has_value());
  member.machine->start([this, &member, options = *parsed.options](Env env) {
    const auto life = ++member.starts;
    auto gave_up = [this, &member, life] { exit_soon(member, life); };
    return std::make_unique<BrokerProcess>(env, options, std::move(gave_up));
  });
}

void SimCluster::exit_soon(Member& member, std::int64_t life) {
  // From the world, because no task may destroy its own node. A supervisor starts it again.
  auto& machine = *member.machine;
  world().after(Duration{0}, machine.index(), "process.exit", [&member, &machine, life] {
    if (member.starts == life && machine.running()) machine.stop();
  });
  member.supervised = true;
  world().after(supervisor_delay, machine.index(), "process.supervise", [this, &member] {
    member.supervised = false;
    if (member.wanted_up) start(member);
  });
}

void SimCluster::end(Member& member, bool power_loss) {
  member.wanted_up = false;
  if (power_loss) return member.machine->crash();
  member.machine->stop();
}

bool SimCluster::stop(Member& member, Duration limit) {
  member.wanted_up = false;
  auto& machine = *member.machine;
  if (!machine.running()) return true;
  member.process()->stop();
  auto stopped = [&] { return !machine.running() || member.process()->stopped(); };
  const bool clean = run_until(stopped, limit, false);
  if (machine.running()) machine.stop();
  return clean;
}

void SimCluster::heal() {
  // The first is seen in a picture; the second also ends what single connections suffer.
  datacenter_.fabric().heal_all();
  datacenter_.fabric().calm();
  for (auto& member : members_) {
    heal_disk(member);
    member.machine->slow_down(Duration{0});
    member.machine->resume();
  }
}

void SimCluster::heal_disk(Member& member) {
  auto& volume = member.machine->volume();
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
    for (auto& member : members_) {
      if (keep_up && !member.supervised) start(member);
    }
    world().run_until(std::min(end, world().now() + slice));
  }
  return true;
}

std::shared_ptr<const metadata::Image> SimCluster::image() {
  std::shared_ptr<const metadata::Image> newest;
  for (const auto& member : members_) {
    const auto* node = member.node();
    if (node == nullptr) continue;
    auto image = node->image();
    if (newest == nullptr || image->end() > newest->end()) newest = std::move(image);
  }
  return newest;
}

SimCluster::Member* SimCluster::controller() {
  Member* newest = nullptr;
  for (auto& member : members_) {
    const auto* node = member.node();
    if (node == nullptr || !node->quorum().leads()) continue;
    if (newest == nullptr || node->quorum().epoch() > newest->node()->quorum().epoch()) {
      newest = &member;
    }
  }
  return newest;
}

std::int64_t SimCluster::restarts() const {
  std::int64_t count = 0;
  for (const auto& member : members_) count += std::max<std::int64_t>(member.starts - 1, 0);
  return count;
}

}  // namespace trialog::scenarios
