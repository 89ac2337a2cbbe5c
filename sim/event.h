#pragma once

#include <cstdint>

#include "sim/kind.h"

namespace trialog::sim {

class World;

/// Something that is going to happen once, at one moment. Owned by whoever schedules it, often
/// inside a suspended task's frame; destroying it cancels it.
class Event {
 public:
  Event(NodeIndex node, Kind kind) : kind_(kind), node_(node) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  virtual ~Event() { cancel(); }

  virtual void happen() = 0;
  bool pending() const { return world_ != nullptr; }
  /// Nothing happens if it is not pending.
  void cancel();

 private:
  friend class World;
  World* world_ = nullptr;
  Kind kind_;
  NodeIndex node_;
  std::uint32_t slot_ = 0;
  std::uint64_t sequence_ = 0;
  bool owned_by_world_ = false;
};

}  // namespace trialog::sim
