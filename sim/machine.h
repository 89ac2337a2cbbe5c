#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/env/env.h"
#include "sim/clock.h"
#include "sim/disk.h"
#include "sim/executor.h"
#include "sim/network.h"
#include "sim/trace.h"
#include "sim/volume.h"

namespace trialog::sim {

/// A program that runs on a machine. Destroying it is how it ends, whether in peace or in a crash.
class Process {
 public:
  virtual ~Process() = default;
};

/// Makes the program anew at each start. The `Env` stays good until the process is destroyed.
using Program = std::function<std::unique_ptr<Process>(Env)>;

/// One computer: its name, its disk and its quartz, which survive, and the process that may run on
/// it. What is done to it here happens at once and is an event of the run; it must not be done from
/// inside a task of a node, but from the world (`World::at`) or between steps.
class Machine {
 public:
  Machine(World& world, Fabric& fabric, std::string name, NodeIndex index,
          const Listening& listening);
  Machine(const Machine&) = delete;
  ~Machine();

  const std::string& name() const { return host_.name; }
  NodeIndex index() const { return host_.node; }
  Volume& volume() { return volume_; }
  Quartz& quartz() { return quartz_; }
  Host& host() { return host_; }
  /// Handed to the programs that are started from now on.
  void plant(Bugs bugs) { bugs_ = bugs; }

  /// Starts a program; none may be running.
  void start(Program program);
  /// The last program once more.
  void restart();
  /// Whether there is a program to restart.
  bool installed() const { return program_ != nullptr; }
  bool running() const { return process_ != nullptr; }
  /// Null if none runs. Not owned.
  Process* process() { return process_.get(); }
  /// The environment of the running process.
  Env& env();

  /// The process is destroyed and the machine goes on: the page cache stays, peers are told.
  void stop();
  /// The power goes: the process is gone, unsynced data is at risk, peers hear nothing.
  void crash();
  void pause();
  void resume();
  bool paused() const;
  /// Each turn of the node takes so long; zero is normal. Lasts until the process ends.
  void slow_down(Duration per_turn);

  // Of a machine that is not running.
  void wipe_disk();
  void restore_disk(const std::shared_ptr<const Inode>& image);
  std::shared_ptr<const Inode> disk_image() { return volume_.snapshot(); }

  void jump_wall_clock(Duration by);
  void set_clock_drift(std::int32_t ppm);

 private:
  struct Boot;
  void expect_outside() const;
  void record(Kind kind, std::uint64_t digest = 0);
  void end_process();

  World& world_;
  Fabric& fabric_;
  Host& host_;
  const Listening& listening_;
  Volume volume_;
  Quartz quartz_;
  Random random_;
  Bugs bugs_;
  std::uint64_t starts_ = 0;
  Program program_;
  std::unique_ptr<Boot> boot_;
  std::unique_ptr<Process> process_;
};

}  // namespace trialog::sim
