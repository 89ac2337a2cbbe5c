#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/datacenter.h"
#include "sim/decision.h"

namespace trialog::sim {

/// Which faults a run has, and how often. Drawn from the seed so that seeds differ in kind and not
/// only in detail: half of the families are off, one seed in fourteen has no fault at all, and the
/// gaps between faults are drawn over orders of magnitude.
struct FaultProfile {
  /// The mean time between two faults of a family; zero: none.
  std::array<Duration, family_count> gap{};
  /// The acts that may happen, as a set of bits by `Act`, and of disk faults by `DiskFault`.
  std::uint64_t acts = ~0ull;
  std::uint64_t disk_faults = ~0ull;

  Duration& gap_of(Family family) { return gap[static_cast<std::size_t>(family)]; }
  bool allows(Act act) const { return (acts >> static_cast<unsigned>(act) & 1) != 0; }
  bool none() const;
  /// Only families of `wanted` are drawn.
  static FaultProfile draw(Random random, const std::vector<Family>& wanted);
  /// All of `wanted`, about so often; for tests and for scenarios that say so.
  static FaultProfile steady(const std::vector<Family>& wanted, Duration gap);
  /// "process every 1.2s, disk every 0.4s" or "none".
  std::string text() const;
};

/// Does random harm to some machines for a while, and undoes it: whoever crashes is restarted, what
/// is cut is healed, after a time that is drawn. Writes every decision down.
class Chaos {
 public:
  struct Scope {
    std::vector<std::string> machines;
    /// Those whose disks may lose or falsify what was synced: at most so many as can be lost.
    std::vector<std::string> may_lose_data;
    /// Whether this machine may lose its power now (`crash`), or its process be ended (`stop`).
    /// Where the power may not fail the process is ended, if it may. Null: any time.
    std::function<bool(Act act, const std::string& machine)> may_end;
    /// Which files of theirs may be harmed. Null: all, of any name.
    std::function<bool(std::string_view path)> may_harm;
    bool may_wipe = true;  // The whole disk of theirs.
  };

  Chaos(Datacenter& datacenter, FaultProfile profile, Scope scope);
  ~Chaos();
  Chaos(const Chaos&) = delete;

  /// Harm begins now, and none begins after `duration`. It may take longer until all is undone:
  /// `calm` ends it.
  void run_for(Duration duration);
  void stop();
  /// Something has just changed at this machine, such as who leads: now and then that is when it,
  /// or all of them, lose power or are cut off, for a moment. Does not act at once.
  void aim(const std::string& machine);
  /// This machine has just given its word, such as a vote: half of the time it loses its power
  /// within 10 ms, whatever the profile says, and is back within another 50 ms. Does not act at
  /// once.
  void aim_power(const std::string& machine);
  const Tape& tape() const { return tape_; }

 private:
  class Clockwork;
  void strike(Family family);
  void strike_process(Machine& machine);
  void strike_network(const std::string& machine);
  void split();
  void strike_aimed(const std::string& machine);
  void end_process(const std::string& machine, Act act, Duration lasting);
  void strike_disk(Machine& machine);
  void strike_clock(Machine& machine);
  void destroy_data(Machine& machine);
  void decide(Act act, const std::string& machine, const std::string& peer = {},
              std::int64_t amount = 0);
  void later(Duration delay, Act act, const std::string& machine, const std::string& peer = {},
             std::int64_t amount = 0);
  Act pick(std::vector<Act> acts);
  Duration some(Duration shortest, Duration longest);
  const std::string& some_machine();
  std::string some_peer(const std::string& of);

  Datacenter& datacenter_;
  FaultProfile profile_;
  Scope scope_;
  Random random_;
  Random aim_;
  Moment end_ = beginning;
  Tape tape_;
  std::vector<std::unique_ptr<Clockwork>> clockworks_;
  std::vector<World::Happening> undoing_;
};

}  // namespace trialog::sim
