#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/fabric.h"
#include "sim/machine.h"
#include "sim/world.h"

namespace trialog::sim {

/// A world with its network and its machines: what a test or a scenario holds in its hand.
class Datacenter {
 public:
  explicit Datacenter(std::uint64_t seed) : world_(seed), fabric_(world_) {}
  Datacenter(const Datacenter&) = delete;

  World& world() { return world_; }
  Fabric& fabric() { return fabric_; }
  /// The machine of that name, made if there is none yet: off, its disk empty but for "/data".
  Machine& machine(const std::string& name);
  /// Null if there is none. All of them, by name.
  Machine* find(const std::string& name);
  std::map<std::string, std::unique_ptr<Machine>>& machines() { return machines_; }
  /// Hears what the nodes say. Changes nothing.
  void listen(Level from, std::function<void(const Note&)> heard) {
    listening_ = {from, std::move(heard)};
  }

 private:
  World world_;
  Fabric fabric_;
  Listening listening_;
  std::map<std::string, std::unique_ptr<Machine>> machines_;
};

}  // namespace trialog::sim
