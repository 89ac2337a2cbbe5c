#pragma once

#include "core/base/random.h"
#include "core/env/executor.h"
#include "sim/world.h"

namespace trialog::sim {

/// Runs the tasks of one simulated node: each turn is an event of the world, and who runs next is
/// drawn. Turns take no time unless the node is slow.
class SimExecutor : public Executor {
 public:
  SimExecutor(World& world, NodeIndex node, Random order);

  void wake(Runnable& runnable) override;

  /// While paused nothing runs; what becomes ready waits.
  void pause() { paused_ = true; }
  void resume();
  bool paused() const { return paused_; }
  /// How long each turn keeps the node busy; zero is as fast as can be.
  void slow_down(Duration per_turn) { per_turn_ = per_turn; }
  /// Whether one of its tasks is running right now.
  bool in_turn() const { return in_turn_; }
  NodeIndex node() const { return node_; }

 private:
  class Turn : public Event {
   public:
    Turn(SimExecutor& executor, NodeIndex node) : Event(node, "turn"), executor_(executor) {}
    void happen() override { executor_.run_one(); }

   private:
    SimExecutor& executor_;
  };

  void arm();
  void run_one();

  World& world_;
  NodeIndex node_;
  Random order_;
  RunnableList ready_;
  Turn turn_;
  Duration per_turn_{0};
  bool paused_ = false;
  bool in_turn_ = false;
};

}  // namespace trialog::sim
