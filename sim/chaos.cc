#include "sim/chaos.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::sim {
namespace {

constexpr std::int64_t million = 1'000'000;

}  // namespace

/// Strikes for one family, again and again.
class Chaos::Clockwork : public Event {
 public:
  Clockwork(Chaos& chaos, Family family)
      : Event(nowhere, "chaos"),
        chaos_(chaos),
        family_(family),
        mean_(chaos.profile_.gap_of(family)),
        random_(chaos.random_.fork(static_cast<std::uint64_t>(family))) {}

  void arm() {
    if (mean_ == Duration(0)) return;
    const auto gap = random_.between(1, 2 * mean_.count());
    auto& world = chaos_.datacenter_.world();
    if (world.now() + Duration(gap) <= chaos_.end_)
      world.schedule(*this, world.now() + Duration(gap));
  }
  void happen() override {
    chaos_.strike(family_);
    arm();
  }

 private:
  Chaos& chaos_;
  Family family_;
  Duration mean_;
  Random random_;
};

Chaos::Chaos(Datacenter& datacenter, FaultProfile profile, Scope scope)
    : datacenter_(datacenter),
      profile_(profile),
      scope_(std::move(scope)),
      random_(datacenter.world().random("chaos")),
      aim_(datacenter.world().random("aim")) {
  CHECK(!scope_.machines.empty());
  for (std::size_t i = 0; i < family_count; ++i) {
    clockworks_.push_back(std::make_unique<Clockwork>(*this, static_cast<Family>(i)));
  }
}

Chaos::~Chaos() { stop(); }

void Chaos::run_for(Duration duration) {
  end_ = datacenter_.world().now() + duration;
  for (auto& clockwork : clockworks_) {
    clockwork->cancel();
    clockwork->arm();
  }
}

void Chaos::aim(const std::string& machine) {
  constexpr std::uint64_t one_in = 6;
  constexpr Duration soon = milliseconds(20);
  auto& world = datacenter_.world();
  if (world.now() >= end_ || profile_.gap_of(Family::process) == Duration(0)) return;
  if (aim_.below(one_in) != 0) return;
  // Before anyone can have heard of what it did, or while the news is under way.
  const auto after = aim_.below(2) == 0 ? Duration(0) : Duration(aim_.between(0, soon.count()));
  undoing_.push_back(
      world.after(after, nowhere, "chaos", [this, machine] { strike_aimed(machine); }));
}

void Chaos::aim_power(const std::string& machine) {
  constexpr std::uint64_t one_in = 2;
  auto& world = datacenter_.world();
  if (world.now() >= end_ || aim_.below(one_in) != 0) return;
  constexpr Duration soon = milliseconds(10), moment = milliseconds(50);
  const auto after = Duration(aim_.between(0, soon.count()));
  const auto lasting = Duration(aim_.between(0, moment.count()));
  undoing_.push_back(world.after(after, nowhere, "chaos", [this, machine, lasting] {
    end_process(machine, Act::crash, lasting);
  }));
}

void Chaos::strike_aimed(const std::string& machine) {
  const auto act = pick({Act::crash, Act::crash, Act::stop, Act::pause, Act::cut});
  const auto lasting = some(milliseconds(1), seconds(2));
  if (act == Act::cut) {
    const auto peer = some_peer(machine);
    decide(act, machine, peer);
    return later(lasting, Act::heal, machine, peer);
  }
  if (act == Act::pause) {
    decide(act, machine);
    return later(lasting, Act::resume, machine);
  }
  const bool all = act == Act::crash && random_.below(4) == 0;
  for (const auto& victim : all ? scope_.machines : std::vector<std::string>{machine}) {
    end_process(victim, act, lasting);
  }
}

void Chaos::end_process(const std::string& machine, Act act, Duration lasting) {
  const auto may = [&](Act way) { return !scope_.may_end || scope_.may_end(way, machine); };
  if (act == Act::crash && !may(act)) act = Act::stop;
  if (act == Act::stop && !may(act)) return;
  decide(act, machine);
  later(lasting, Act::restart, machine);
}

void Chaos::stop() {
  end_ = beginning;
  for (auto& clockwork : clockworks_) clockwork->cancel();
  for (const auto& happening : undoing_) datacenter_.world().cancel(happening);
  undoing_.clear();
}

void Chaos::decide(Act act, const std::string& machine, const std::string& peer,
                   std::int64_t amount) {
  Decision decision;
  decision.at = datacenter_.world().now();
  decision.act = act;
  decision.machine = machine;
  decision.peer = peer;
  decision.amount = amount;
  tape_.push_back(decision);
  carry_out(datacenter_, decision);
}

void Chaos::later(Duration delay, Act act, const std::string& machine, const std::string& peer,
                  std::int64_t amount) {
  undoing_.push_back(datacenter_.world().after(
      delay, nowhere, "chaos",
      [this, act, machine, peer, amount] { decide(act, machine, peer, amount); }));
}

Duration Chaos::some(Duration shortest, Duration longest) {
  return Duration(random_.between(shortest.count(), longest.count()));
}

const std::string& Chaos::some_machine() {
  return scope_.machines[random_.below(scope_.machines.size())];
}

std::string Chaos::some_peer(const std::string& of) {
  std::vector<std::string> others;
  for (const auto& [name, machine] : datacenter_.machines()) {
    if (name != of) others.push_back(name);
  }
  return others.empty() ? "*" : others[random_.below(others.size())];
}

/// One of those that the profile allows, or of all if it allows none of them.
Act Chaos::pick(std::vector<Act> acts) {
  auto allowed = acts;
  std::erase_if(allowed, [&](Act act) { return !profile_.allows(act); });
  if (allowed.empty()) allowed = std::move(acts);
  return allowed[random_.below(allowed.size())];
}

void Chaos::strike(Family family) {
  const auto name = some_machine();
  Machine* machine = datacenter_.find(name);
  if (machine == nullptr) return;
  if (family == Family::process) strike_process(*machine);
  if (family == Family::network) strike_network(name);
  if (family == Family::disk) strike_disk(*machine);
  if (family == Family::clock) strike_clock(*machine);
}

void Chaos::strike_process(Machine& machine) {
  if (!machine.running() || machine.paused()) return;
  const auto& name = machine.name();
  const auto act = pick({Act::crash, Act::crash, Act::stop, Act::pause, Act::slow});
  const auto lasting = some(milliseconds(1), seconds(5));
  if (act == Act::slow) {
    decide(act, name, "", some(microseconds(1), milliseconds(1)).count());
    return later(lasting, Act::slow, name);
  }
  if (act == Act::pause) {
    decide(act, name);
    return later(lasting, Act::resume, name);
  }
  // Now and then the power goes for all of them at once.
  const bool all = act == Act::crash && random_.below(8) == 0;
  for (const auto& victim : all ? scope_.machines : std::vector<std::string>{name}) {
    end_process(victim, act, lasting);
  }
}

void Chaos::strike_network(const std::string& machine) {
  const auto act = pick(
      {Act::cut, Act::reset, Act::half_open, Act::latency, Act::refuse, Act::hang, Act::delay});
  if (act == Act::cut && scope_.machines.size() > 2 && random_.below(4) == 0) return split();
  const auto lasting = some(milliseconds(1), seconds(10));
  const auto peer = some_peer(machine);
  const auto reverse = random_.below(2) == 0;
  const auto& from = reverse && peer != "*" ? peer : machine;
  const auto& to = reverse && peer != "*" ? machine : peer;
  if (act == Act::cut) {
    const auto shape = random_.below(3);  // One way, both ways, or away from everybody.
    const auto other = shape == 2 ? "*" : to;
    decide(Act::cut, from, other);
    later(lasting, Act::heal, from, other);
    if (shape == 0) return;
    decide(Act::cut, other, from);
    later(lasting, Act::heal, other, from);
  } else if (act == Act::latency) {
    decide(act, from, to, some(milliseconds(1), milliseconds(500)).count());
    later(lasting, act, from, to, LinkSettings().latency.count());
  } else if (act == Act::refuse || act == Act::hang) {
    decide(act, from, to, random_.between(million / 100, million));
    later(lasting, act, from, to, 0);
  } else if (act == Act::delay) {
    decide(act, from, to, some(milliseconds(1), seconds(5)).count());
  } else {
    decide(act, from, to, static_cast<std::int64_t>(random_.below(1000)));
  }
}

/// Every machine, also those that only talk to others, is on one side or the other; now and then
/// one bridges both.
void Chaos::split() {
  std::vector<std::string> sides[2];
  const bool bridged = random_.below(3) == 0;
  for (const auto& [name, machine] : datacenter_.machines()) {
    sides[random_.below(2)].push_back(name);
  }
  auto& larger = sides[sides[0].size() < sides[1].size()];
  if (bridged) larger.erase(larger.begin());
  const auto lasting = some(milliseconds(100), seconds(20));
  for (const auto& a : sides[0]) {
    for (const auto& b : sides[1]) {
      for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
        decide(Act::cut, from, to);
        later(lasting, Act::heal, from, to);
      }
    }
  }
}

void Chaos::strike_disk(Machine& machine) {
  const auto& name = machine.name();
  const bool may_lose = std::ranges::count(scope_.may_lose_data, name) > 0;
  if (may_lose && random_.below(4) == 0) return destroy_data(machine);
  const auto act = pick({Act::arm, Act::arm, Act::arm, Act::stall, Act::throttle, Act::capacity});
  const auto lasting = some(milliseconds(1), seconds(5));
  if (act == Act::stall) return decide(act, name, "", lasting.count());
  if (act == Act::throttle) {
    decide(act, name, "", random_.between(100'000, 50'000'000));
    return later(lasting, act, name);
  }
  if (act == Act::capacity) {
    decide(act, name, "", random_.between(0, million));
    return later(lasting, act, name, "", -1);
  }
  std::vector<DiskFault> faults;
  for (const auto& entry : disk_fault_names) {
    const auto bit = static_cast<unsigned>(entry.fault);
    if (entry.destructive || (profile_.disk_faults >> bit & 1) == 0) continue;
    faults.push_back(entry.fault);
  }
  if (faults.empty()) return;
  decide(Act::arm, name, std::string(about(faults[random_.below(faults.size())]).name));
}

void Chaos::destroy_data(Machine& machine) {
  const auto& name = machine.name();
  const auto act = pick(scope_.may_wipe ? std::vector<Act>{Act::wipe, Act::rot, Act::arm}
                                        : std::vector<Act>{Act::rot, Act::arm});
  if (act == Act::wipe) {
    decide(act, name);
    return later(some(milliseconds(1), seconds(5)), Act::restart, name);
  }
  auto files = machine.volume().files();
  std::erase_if(files, [&](const auto& path) { return scope_.may_harm && !scope_.may_harm(path); });
  if (files.empty()) return;
  const auto& file = files[random_.below(files.size())];
  if (act == Act::rot) {
    return decide(act, name, file, static_cast<std::int64_t>(random_.below(1ull << 40)));
  }
  std::vector<DiskFault> faults;
  for (const auto& entry : disk_fault_names) {
    if (entry.destructive) faults.push_back(entry.fault);
  }
  const auto fault = std::string(about(faults[random_.below(faults.size())]).name);
  decide(Act::arm, name, scope_.may_harm ? fault + "@" + file : fault);
}

void Chaos::strike_clock(Machine& machine) {
  const auto act = pick({Act::jump, Act::drift});
  if (act == Act::drift) {
    return decide(act, machine.name(), "", random_.between(-50'000, 50'000));
  }
  // From a millisecond to a day, at every scale alike, and both ways.
  const auto scale = std::int64_t{million} << random_.below(27);
  const auto by =
      scale + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(scale)));
  const bool back = random_.below(2) == 0;
  decide(act, machine.name(), "", back ? -by : by);
}

}  // namespace trialog::sim
