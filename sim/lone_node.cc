#include "sim/lone_node.h"

namespace trialog::sim {

bool run_to_end(World& world, Env& env, Task<void> task, Duration limit) {
  TaskGroup running(env.executor);
  running.spawn("main", std::move(task));
  return world.run_while([&] { return running.size() > 0; }, world.now() + limit);
}

std::unique_ptr<Process> idle_program(Env) { return std::make_unique<Process>(); }

LoneNode::LoneNode(std::uint64_t seed, std::string name)
    : datacenter_(seed), machine_(datacenter_.machine(name)) {
  machine_.start(idle_program);
}

void LoneNode::crash() {
  machine_.crash();
  machine_.restart();
}

void LoneNode::reboot() {
  machine_.stop();
  machine_.restart();
}

}  // namespace trialog::sim
