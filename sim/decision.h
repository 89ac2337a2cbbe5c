#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/moment.h"

namespace trialog::sim {

class Datacenter;

/// The groups of faults that a run switches on or off as a whole.
enum class Family : std::uint8_t { process, network, disk, clock };
inline constexpr std::size_t family_count = 4;
inline constexpr std::array<std::string_view, family_count> family_names{"process", "network",
                                                                         "disk", "clock"};
std::optional<Family> family_named(std::string_view name);

/// What can be done to a datacenter from outside. What `peer` and `amount` mean is said in
/// brackets.
enum class Act : std::uint8_t {
  crash,      // Power loss; unsynced data is at risk.
  stop,       // The process ends, the page cache stays.
  restart,    // The last program once more, if none runs.
  pause,      // Time goes on, nothing runs.
  resume,     //
  slow,       // Each turn takes [amount] nanoseconds; 0 is normal.
  wipe,       // The process ends without power, its disk is emptied.
  cut,        // Nothing passes from the machine to [peer]; "*" is everybody.
  heal,       // It passes again.
  reset,      // A connection of the machine with [peer] breaks: the [amount]th, counted round.
  half_open,  // So, but only the machine's peer learns.
  delay,      // Bytes towards the listener of the connection made last come [amount] ns later.
  latency,    // The link from the machine to [peer] takes [amount] nanoseconds.
  refuse,     // [amount] of a million connects from the machine to [peer] are refused...
  hang,       // ...or never answered.
  flip,       // One bit of [amount] of a million pieces from the machine to [peer] turns.
  arm,        // The next call of its disk that can meets the fault named [peer]: "fault@path".
  stall,      // Its disk answers nothing for [amount] nanoseconds.
  throttle,   // Its disk moves [amount] bytes a second; 0 is no limit.
  capacity,   // Its disk has room for [amount] more bytes; -1 is no limit.
  read_only,  // Its disk takes no writes if [amount] is 1.
  rot,        // A bit of the file [peer] turns: bit [amount], counted round.
  jump,       // Its wall clock jumps by [amount] nanoseconds.
  drift,      // Its clocks run [amount] parts per million fast.
};

/// One act at one moment. The tape of a run is a list of these: printed, it can be read back and
/// carried out again, also on another build.
struct Decision {
  Moment at;
  Act act = Act::crash;
  std::string machine;
  std::string peer;
  std::int64_t amount = 0;

  /// "12.000500000 cut node1 node2 0": seconds, act, machine, peer ("-" for none), amount.
  std::string text() const;
  static std::optional<Decision> parse(std::string_view text);
  friend bool operator==(const Decision&, const Decision&) = default;
};
using Tape = std::vector<Decision>;

std::string_view name_of(Act act);
std::optional<Act> act_named(std::string_view name);

/// Does it now. Must be called from outside of any node's task. Nothing happens where it makes no
/// sense, such as restarting what runs.
void carry_out(Datacenter& datacenter, const Decision& decision);
/// Does each at its moment.
void play(Datacenter& datacenter, const Tape& tape);
/// Everything is well again: links healed and fast, disks faultless, machines running.
void calm(Datacenter& datacenter);

}  // namespace trialog::sim
