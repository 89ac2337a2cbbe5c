#pragma once

#include "sim/recorder.h"
#include "sim/world.h"

namespace trialog::log {

/// Counts the syncs of all disks of a world, of files, names or everything, while it lives.
class SyncCount : public sim::Recorder {
 public:
  explicit SyncCount(sim::World& world) : world_(world) { world_.set_recorder(this); }
  ~SyncCount() override { world_.set_recorder(nullptr); }

  void on_event(const sim::Happened& event) override {
    if (event.kind.starts_with("disk.sync")) ++count_;
  }
  int count() const { return count_; }

 private:
  sim::World& world_;
  int count_ = 0;
};

}  // namespace trialog::log
