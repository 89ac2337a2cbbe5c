#include "sim/machine.h"

#include "core/base/check.h"

namespace trialog::sim {

/// What lives as long as one process: its view of the world outside.
struct Machine::Boot {
  Boot(Machine& machine, Random random)
      : executor(machine.world_, machine.index(), random.fork("order")),
        clock(machine.world_, executor, machine.quartz_),
        network(machine.fabric_, machine.host_, executor),
        disk(machine.world_, executor, machine.quartz_, machine.volume_),
        trace(machine.world_, machine.index(), machine.listening_),
        env{clock, executor, network, disk, trace, random.fork("env"), machine.bugs_} {}

  SimExecutor executor;
  SimClock clock;
  SimNetwork network;
  SimDisk disk;
  SimTrace trace;
  Env env;
};

Machine::Machine(World& world, Fabric& fabric, std::string name, NodeIndex index,
                 const Listening& listening)
    : world_(world),
      fabric_(fabric),
      host_(fabric.add_host(std::move(name), index)),
      listening_(listening),
      volume_(world.random("disk").fork(host_.name)),
      quartz_(world),
      random_(world.random("node").fork(host_.name)) {}

Machine::~Machine() { end_process(); }

void Machine::record(Kind kind, std::uint64_t digest) {
  world_.record(index(), kind, digest, name());
}

void Machine::expect_outside() const { CHECK(boot_ == nullptr || !boot_->executor.in_turn()); }

Env& Machine::env() {
  CHECK(boot_ != nullptr);
  return boot_->env;
}

void Machine::start(Program program) {
  CHECK(!running());
  program_ = std::move(program);
  restart();
}

void Machine::restart() {
  CHECK(!running());
  CHECK(program_ != nullptr);
  record("machine.start", ++starts_);
  boot_ = std::make_unique<Boot>(*this, random_.fork(starts_));
  fabric_.set_power(host_, true);
  process_ = program_(boot_->env);
}

void Machine::end_process() {
  process_.reset();
  boot_.reset();
}

void Machine::stop() {
  if (!running()) return;
  expect_outside();
  record("machine.stop");
  end_process();
}

void Machine::crash() {
  if (!running()) return;
  expect_outside();
  record("machine.crash");
  host_.silent = true;
  end_process();
  host_.silent = false;
  fabric_.set_power(host_, false);
  volume_.crash();
}

void Machine::pause() {
  if (!running() || boot_->executor.paused()) return;
  record("machine.pause");
  boot_->executor.pause();
}

void Machine::resume() {
  if (!paused()) return;
  record("machine.resume");
  boot_->executor.resume();
}

bool Machine::paused() const { return boot_ != nullptr && boot_->executor.paused(); }

void Machine::slow_down(Duration per_turn) {
  if (!running()) return;
  record("machine.slow", static_cast<std::uint64_t>(per_turn.count()));
  boot_->executor.slow_down(per_turn);
}

void Machine::wipe_disk() {
  CHECK(!running());
  record("machine.wipe_disk");
  volume_.wipe();
}

void Machine::restore_disk(const std::shared_ptr<const Inode>& image) {
  CHECK(!running());
  record("machine.restore_disk");
  volume_.restore(image);
}

void Machine::jump_wall_clock(Duration by) {
  record("clock.jump", static_cast<std::uint64_t>(by.count()));
  quartz_.jump_wall(by);
}

void Machine::set_clock_drift(std::int32_t ppm) {
  record("clock.drift", static_cast<std::uint64_t>(ppm));
  quartz_.set_drift(ppm);
}

}  // namespace trialog::sim
