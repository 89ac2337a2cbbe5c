#pragma once

#include <functional>
#include <string>

#include "core/base/trace.h"
#include "sim/world.h"

namespace trialog::sim {

/// One line that a node said.
struct Note {
  Moment at;
  NodeIndex node = nowhere;
  Level level = Level::info;
  std::string_view kind;
  std::string_view detail;
};

/// Where the notes of all nodes go besides the hash; may print or keep them. Whoever listens must
/// not act on the world.
struct Listening {
  Level from = Level::info;
  std::function<void(const Note&)> heard;
};

/// What one node says. Notes of `info` and above are events of the run; `debug` notes are for
/// people only, so that listening closer never changes a hash.
class SimTrace : public Trace {
 public:
  SimTrace(World& world, NodeIndex node, const Listening& listening)
      : world_(world), node_(node), listening_(listening) {}
  void note(Level level, std::string_view kind, std::string_view detail) override;
  bool hears(Level level) const override;

 private:
  World& world_;
  NodeIndex node_;
  const Listening& listening_;
};

}  // namespace trialog::sim
