#pragma once

#include <optional>
#include <string>

#include "core/base/check.h"
#include "sim/datacenter.h"

namespace trialog::sim {

/// Runs `task` on the node of `env` until it has ended, for at most `limit`; whether it has.
bool run_to_end(World& world, Env& env, Task<void> task, Duration limit = std::chrono::hours(1));

namespace detail {
template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& into) {
  into.emplace(co_await task);
}
}  // namespace detail

/// The same for a task that gives something; nothing if it has not ended by then.
template <class T>
std::optional<T> run_for_result(World& world, Env& env, Task<T> task,
                                Duration limit = std::chrono::hours(1)) {
  std::optional<T> result;
  if (!run_to_end(world, env, detail::keep_result(std::move(task), result), limit)) return {};
  return result;
}

/// Machines without a program of their own, for tests of parts such as a log: the test is the
/// program. `node.run(task)` runs a task to its end; after `crash()` there is a new `env()` on what
/// the disk then holds, and nothing that belongs to the old one may be touched any more.
class LoneNode {
 public:
  explicit LoneNode(std::uint64_t seed, std::string name = "node1");

  Datacenter& datacenter() { return datacenter_; }
  World& world() { return datacenter_.world(); }
  Machine& machine() { return machine_; }
  Volume& volume() { return machine_.volume(); }
  Env& env() { return machine_.env(); }

  /// The task must end, within an hour of simulated time.
  void run(Task<void> task) { CHECK(run_to_end(world(), env(), std::move(task))); }
  template <class T>
  T run(Task<T> task) {
    auto result = run_for_result(world(), env(), std::move(task));
    CHECK(result.has_value());
    return std::move(*result);
  }
  /// Power loss and restart. Destroy what uses the old `env()` first.
  void crash();
  /// The process ends in peace and starts again: the page cache stays.
  void reboot();

 private:
  Datacenter datacenter_;
  Machine& machine_;
};

/// A program that does nothing; its `Env` is at `Machine::env()`.
std::unique_ptr<Process> idle_program(Env env);

}  // namespace trialog::sim
