#include <algorithm>

#include "sim/datacenter.h"
#include "sim/decision.h"

namespace trialog::sim {
namespace {

/// The connections between the two, in either direction.
std::vector<Fabric::Seen> between(Fabric& fabric, const std::string& a, const std::string& b) {
  auto seen = fabric.connections();
  std::erase_if(seen, [&](const Fabric::Seen& one) {
    const bool there = one.from == a && (b == "*" || one.to == b);
    const bool back = one.to == a && (b == "*" || one.from == b);
    return !there && !back;
  });
  return seen;
}

std::size_t counted_round(std::int64_t amount, std::size_t size) {
  return static_cast<std::size_t>(static_cast<std::uint64_t>(amount) % size);
}

void on_connection(Datacenter& datacenter, const Decision& d) {
  auto& fabric = datacenter.fabric();
  const auto seen = between(fabric, d.machine, d.peer);
  if (seen.empty()) return;
  if (d.act == Act::delay) {
    return fabric.delay(seen.back().id, Side::listener, Duration(d.amount));
  }
  const auto& chosen = seen[counted_round(d.amount, seen.size())];
  if (d.act == Act::reset) return fabric.reset(chosen.id);
  fabric.break_half(chosen.id, chosen.from == d.machine ? Side::listener : Side::connector);
}

void on_link(Datacenter& datacenter, const Decision& d) {
  auto& fabric = datacenter.fabric();
  if (d.act == Act::cut) return fabric.cut(d.machine, d.peer);
  if (d.act == Act::heal) return fabric.heal(d.machine, d.peer);
  if (fabric.find(d.machine) == nullptr || fabric.find(d.peer) == nullptr) return;
  auto& link = fabric.link(d.machine, d.peer);
  const auto rate = static_cast<std::uint32_t>(std::clamp<std::int64_t>(d.amount, 0, 1'000'000));
  if (d.act == Act::latency) link.latency = Duration(std::max<std::int64_t>(d.amount, 0));
  if (d.act == Act::refuse) link.refusals_per_million = rate;
  if (d.act == Act::hang) link.hangs_per_million = rate;
  if (d.act == Act::flip) link.flips_per_million = rate;
}

void rot(Volume& volume, const Decision& d) {
  const auto file = volume.find(d.peer);
  if (file == nullptr || file->pages.size() == 0) return;
  const auto bit = static_cast<std::uint64_t>(d.amount) % (8 * file->pages.size());
  volume.rot(d.peer, bit / 8, static_cast<unsigned>(bit % 8));
}

void on_disk(World& world, Volume& volume, const Decision& d) {
  if (d.act == Act::arm) {
    const auto at = std::min(d.peer.find('@'), d.peer.size());
    const auto path = d.peer.substr(std::min(at + 1, d.peer.size()));
    if (const auto fault = disk_fault_named(d.peer.substr(0, at))) volume.faults.arm(*fault, path);
  }
  if (d.act == Act::stall) volume.stalled_until = world.now() + Duration(d.amount);
  if (d.act == Act::throttle) volume.speed.bytes_per_second = static_cast<std::uint64_t>(d.amount);
  if (d.act == Act::read_only) volume.read_only = d.amount == 1;
  if (d.act == Act::rot) rot(volume, d);
  if (d.act != Act::capacity) return;
  volume.capacity.reset();
  if (d.amount < 0) return;
  const auto space = volume.space();
  volume.capacity = space.total - space.usable + static_cast<std::uint64_t>(d.amount);
}

void on_machine(Machine& machine, const Decision& d) {
  if (d.act == Act::crash) machine.crash();
  if (d.act == Act::stop) machine.stop();
  if (d.act == Act::restart && !machine.running() && machine.installed()) machine.restart();
  if (d.act == Act::pause) machine.pause();
  if (d.act == Act::resume) machine.resume();
  if (d.act == Act::slow) machine.slow_down(Duration(d.amount));
  if (d.act == Act::jump) machine.jump_wall_clock(Duration(d.amount));
  if (d.act == Act::drift) machine.set_clock_drift(static_cast<std::int32_t>(d.amount));
  if (d.act == Act::wipe) {
    machine.crash();
    machine.wipe_disk();
  }
}

}  // namespace

void carry_out(Datacenter& datacenter, const Decision& d) {
  auto& world = datacenter.world();
  Machine* machine = datacenter.find(d.machine);
  const auto node = machine == nullptr ? nowhere : machine->index();
  world.record(node, "decision", digest(d.text()), d.text());
  if (d.act == Act::reset || d.act == Act::half_open || d.act == Act::delay) {
    return on_connection(datacenter, d);
  }
  if (d.act >= Act::cut && d.act <= Act::flip) return on_link(datacenter, d);
  if (machine == nullptr) return;
  if (d.act >= Act::arm && d.act <= Act::rot) return on_disk(world, machine->volume(), d);
  on_machine(*machine, d);
}

void play(Datacenter& datacenter, const Tape& tape) {
  for (const auto& decision : tape) {
    datacenter.world().at(decision.at, nowhere, "tape",
                          [&datacenter, decision] { carry_out(datacenter, decision); });
  }
}

void calm(Datacenter& datacenter) {
  datacenter.world().record(nowhere, "calm", 0);
  datacenter.fabric().calm();
  for (auto& [name, machine] : datacenter.machines()) {
    auto& volume = machine->volume();
    volume.faults.clear();
    volume.read_only = false;
    volume.capacity.reset();
    volume.stalled_until = beginning;
    volume.speed.bytes_per_second = 0;
    machine->slow_down(Duration(0));
    machine->resume();
    if (!machine->running() && machine->installed()) machine->restart();
  }
}

}  // namespace trialog::sim
