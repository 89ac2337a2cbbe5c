// The verbs that do harm, as the simulator carries them out.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

constexpr Duration stop_limit = seconds(180);
constexpr Duration meddling_gap = seconds(2);

/// A fault of a disk as the language names it.
struct DiskVerb {
  std::string_view name;
  void (*begin)(sim::Volume& volume, const std::string& path);
};

template <sim::DiskFault fault>
void arm(sim::Volume& volume, const std::string& path) {
  volume.faults.arm(fault, path);
}

constexpr DiskVerb disk_faults[] = {
    {"fail_sync", arm<sim::DiskFault::sync_error>},
    {"fail_write", arm<sim::DiskFault::write_error>},
    {"fail_read", arm<sim::DiskFault::read_error>},
    {"rot", arm<sim::DiskFault::bit_rot>},
    {"full", [](sim::Volume& volume, const std::string&) { volume.capacity = 0; }},
    {"read_only", [](sim::Volume& volume, const std::string&) { volume.read_only = true; }},
    {"slow",
     [](sim::Volume& volume, const std::string&) { volume.speed.slow_per_million = 1'000'000; }},
    {"stall", [](sim::Volume& volume, const std::string&) { volume.stalled_until = sim::forever; }},
};

Problem problem(const Step& step, const Step::Word& word, std::string text) {
  return {step.line, word.column, std::move(text)};
}

}  // namespace

Parsed<void> SimBackend::process(const Step& step) {
  const auto members = members_named(step, step.words[0]);
  if (!members) return std::unexpected(members.error());
  const auto& verb = step.verb.text;
  for (auto* member : *members) {
    if (verb == "crash") cluster_->end(*member, true);
    if (verb == "kill") cluster_->end(*member, false);
    if (verb == "restart") cluster_->start(*member);
    if (verb == "pause") member->machine->pause();
    if (verb == "resume") member->machine->resume();
    if (verb == "stop" && !cluster_->stop(*member, stop_limit)) {
      stuck("the clean stop of line " + std::to_string(step.line), stop_limit);
    }
  }
  return {};
}

Parsed<void> SimBackend::cut(const Step& step) {
  const auto pairs = pairs_named(step);
  if (!pairs) return std::unexpected(pairs.error());
  auto& fabric = cluster_->datacenter().fabric();
  const auto& how = step.words[1];
  if (how.text != "from" && how.text != "to") {
    return std::unexpected(problem(step, how, "expected 'from' (both ways) or 'to' (one way)"));
  }
  for (const auto& [a, b] : *pairs) {
    fabric.cut(a, b);
    if (how.text == "from") fabric.cut(b, a);
  }
  return {};
}

Parsed<void> SimBackend::reset(const Step& step) {
  const auto pairs = pairs_named(step);
  if (!pairs) return std::unexpected(pairs.error());
  auto& fabric = cluster_->datacenter().fabric();
  for (const auto& [a, b] : *pairs) {
    for (const auto& connection : fabric.connections()) {
      const bool forth = connection.from == a && connection.to == b;
      const bool back = connection.from == b && connection.to == a;
      if (forth || back) fabric.reset(connection.id);
    }
  }
  return {};
}

Parsed<void> SimBackend::network(const Step& step) {
  const Settings given(step);
  sim::LinkSettings link;
  const auto latency = given.duration("latency", link.latency);
  const auto jitter = given.duration("jitter", link.jitter);
  const auto bandwidth = given.size("bandwidth", 0);
  const auto resets = given.count("resets", 0), flips = given.count("flips", 0);
  if (!latency) return std::unexpected(latency.error());
  if (!jitter) return std::unexpected(jitter.error());
  if (!bandwidth) return std::unexpected(bandwidth.error());
  if (!resets) return std::unexpected(resets.error());
  if (!flips) return std::unexpected(flips.error());
  link.latency = *latency;
  link.jitter = *jitter;
  link.bytes_per_second = static_cast<std::uint64_t>(*bandwidth);
  link.resets_per_million = static_cast<std::uint32_t>(*resets);
  link.flips_per_million = static_cast<std::uint32_t>(*flips);
  auto& datacenter = cluster_->datacenter();
  for (const auto& [from, source] : datacenter.machines()) {
    for (const auto& [to, target] : datacenter.machines()) {
      if (from == to) continue;
      auto& existing = datacenter.fabric().link(from, to);
      link.cut = existing.cut;  // Only `heal` ends that.
      existing = link;
    }
  }
  return {};
}

Parsed<void> SimBackend::disk(const Step& step) {
  const auto members = members_named(step, step.words[0]);
  if (!members) return std::unexpected(members.error());
  const Settings given(step);
  const auto lasting = given.duration("for", Duration{0});
  if (!lasting) return std::unexpected(lasting.error());
  const auto& name = step.words[1].text;
  const auto fault = std::ranges::find(disk_faults, name, &DiskVerb::name);
  if (fault == std::end(disk_faults)) {
    std::vector<std::string> known;
    for (const auto& entry : disk_faults) known.emplace_back(entry.name);
    return std::unexpected(problem(
        step, step.words[1],
        "unknown fault '" + name + "' of a disk; did you mean '" + nearest(name, known) + "'?"));
  }
  auto& world = cluster_->world();
  for (auto* member : *members) {
    auto& machine = *member->machine;
    world.record(machine.index(), "disk.fault", sim::digest(name), name);
    fault->begin(machine.volume(), given.text("path").value_or(""));
    if (name == "stall" && *lasting > Duration{0}) {
      machine.volume().stalled_until = world.now() + *lasting;
    } else if (*lasting > Duration{0}) {
      world.after(*lasting, machine.index(), "disk.heal",
                  [this, member] { cluster_->heal_disk(*member); });
    }
  }
  return {};
}

Parsed<void> SimBackend::clock(const Step& step) {
  const auto members = members_named(step, step.words[0]);
  if (!members) return std::unexpected(members.error());
  const Settings given(step);
  const auto jump = given.duration("jump", Duration{0});
  const auto drift = given.count("drift", 0);
  if (!jump) return std::unexpected(jump.error());
  if (!drift) return std::unexpected(drift.error());
  for (auto* member : *members) {
    if (*jump != Duration{0}) member->machine->jump_wall_clock(*jump);
    if (given.text("drift")) member->machine->set_clock_drift(static_cast<std::int32_t>(*drift));
  }
  return {};
}

sim::Chaos::Scope SimBackend::chaos_scope(bool may_lose) {
  sim::Chaos::Scope scope;
  for (const auto& member : cluster_->members()) scope.machines.push_back(member.plan.host);
  if (may_lose) {
    // One disk in the whole run, so that every partition has good copies elsewhere.
    auto chance = cluster_->world().random("victim");
    const auto brokers = static_cast<std::uint64_t>(cluster_->plan().brokers);
    scope.may_lose_data.push_back(scope.machines[chance.below(brokers)]);
  }
  // Nobody else has a copy of what a voter promised: only logs of partitions are harmed.
  scope.may_wipe = false;
  scope.may_harm = [](std::string_view path) {
    return path.ends_with(".log") && !path.starts_with("/data/__cluster_metadata");
  };
  if (page_cache_ && !cluster_->plan().is_alone()) {
    scope.may_end = [this](sim::Act act, const std::string& host) {
      const auto* member = cluster_->at(cluster_->datacenter().machine(host).index());
      const auto how =
          act == sim::Act::crash ? LossBudget::End::power_lost : LossBudget::End::killed;
      return member == nullptr ||
             watcher_->losses().may_end(member->plan.id, how, watcher_->inspector().image());
    };
  }
  return scope;
}

void SimBackend::meddle(const Step& step, Duration gap, Duration lasting) {
  std::vector<TopicPartition> partitions;
  for (const auto& [topic, count] : topics_) {
    for (std::int32_t p = 0; p < count; ++p) partitions.emplace_back(topic, p);
  }
  auto& clients = cluster_->clients();
  auto& meddling = work_.emplace_back();
  meddling.what = fmt::format("line {}, the administrator", step.line);
  clients.run(
      clients.meddler().meddle(std::move(partitions), gap, clients.env().clock.now() + lasting),
      meddling.done);
}

Parsed<void> SimBackend::chaos(const Step& step) {
  const Settings given(step);
  const auto lasting = given.duration("for", seconds(10));
  const auto every = given.duration("every", Duration{0});
  if (!lasting) return std::unexpected(lasting.error());
  if (!every) return std::unexpected(every.error());
  std::vector<sim::Family> families;
  bool meddles = false;
  for (const auto& name : given.list("families", "process,network,disk,clock")) {
    const auto family = sim::family_named(name);
    meddles |= name == "admin";
    if (family) families.push_back(*family);
    if (family || name == "admin") continue;
    return std::unexpected(
        problem(step, step.settings.at("families"),
                "unknown family '" + name + "'; known: process, network, disk, clock, admin"));
  }
  auto& world = cluster_->world();
  auto profile = *every > Duration{0} ? sim::FaultProfile::steady(families, *every)
                                      : sim::FaultProfile::draw(world.random("profile"), families);
  // Kafka protects records by a CRC, and nothing else: a bit that turns in an offset is believed.
  profile.acts &= ~(std::uint64_t{1} << static_cast<unsigned>(sim::Act::flip));
  const auto lose = given.flag("lose", false);
  const auto votes = given.flag("votes", false);
  if (!lose) return std::unexpected(lose.error());
  if (!votes) return std::unexpected(votes.error());
  if (*lose && cluster_->plan().brokers < 3) {
    return std::unexpected(problem(step, step.settings.at("lose"),
                                   "only a cluster of three brokers and more bears lost data"));
  }
  chaos_ = std::make_unique<sim::Chaos>(cluster_->datacenter(), profile, chaos_scope(*lose));
  chaos_->run_for(*lasting);
  watcher_->on_change([this](const std::string& machine) {
    if (chaos_ != nullptr) chaos_->aim(machine);
  });
  Watcher::Stirred strike_voter = [this](const std::string& machine) {
    if (chaos_ != nullptr) chaos_->aim_power(machine);
  };
  watcher_->on_vote(*votes ? std::move(strike_voter) : nullptr);
  if (meddles) meddle(step, *every > Duration{0} ? *every : meddling_gap, *lasting);
  if (!step.background) world.run_for(*lasting);
  return {};
}

}  // namespace trialog::scenarios
