#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"

namespace trialog::sim {

/// What can go wrong in one call of a disk.
enum class DiskFault : std::uint8_t {
  sync_error,         // The sync fails; its pages are lost, yet count as clean ("fsyncgate").
  lying_sync,         // The sync succeeds, and its pages are lost all the same.
  read_error,         // EIO.
  write_error,        // EIO; a part of the bytes may have been written.
  no_space,           // ENOSPC; a part of the bytes may have been written.
  short_read,         // The read comes in two pieces, with time between them.
  short_write,        // The write does.
  bit_rot,            // One bit of what is read has turned, for good.
  misdirected_read,   // The bytes of another place of the file.
  misdirected_write,  // The bytes land at another place of the file; theirs holds zeros.
  phantom_write,      // Said done, never done: gone after the next crash, synced or not.
};
inline constexpr std::size_t disk_fault_count = 11;

struct DiskFaultName {
  DiskFault fault;
  std::string_view name;
  bool destructive;  // Loses or falsifies what was synced; no single copy survives that.
};
inline constexpr std::array<DiskFaultName, disk_fault_count> disk_fault_names{{
    {DiskFault::sync_error, "sync_error", false},
    {DiskFault::lying_sync, "lying_sync", true},
    {DiskFault::read_error, "read_error", false},
    {DiskFault::write_error, "write_error", false},
    {DiskFault::no_space, "no_space", false},
    {DiskFault::short_read, "short_read", false},
    {DiskFault::short_write, "short_write", false},
    {DiskFault::bit_rot, "bit_rot", true},
    {DiskFault::misdirected_read, "misdirected_read", true},
    {DiskFault::misdirected_write, "misdirected_write", true},
    {DiskFault::phantom_write, "phantom_write", true},
}};

constexpr std::optional<DiskFault> disk_fault_named(std::string_view name) {
  for (const auto& entry : disk_fault_names) {
    if (entry.name == name) return entry.fault;
  }
  return std::nullopt;
}
constexpr const DiskFaultName& about(DiskFault fault) {
  return disk_fault_names[static_cast<std::size_t>(fault)];
}

/// Which faults a disk has in store: by rate, and once for the next call that fits.
class DiskFaults {
 public:
  void set_rate(DiskFault fault, std::uint32_t per_million) { rate_of(fault) = per_million; }
  /// The next call that can meet `fault`, on a path that contains `path_part`, does.
  void arm(DiskFault fault, std::string path_part = {}) {
    armed_.push_back({fault, std::move(path_part)});
  }
  void clear() {
    rates_ = {};
    armed_.clear();
  }
  /// Whether `fault` meets this call.
  bool strikes(DiskFault fault, std::string_view path, Random& random);

 private:
  struct Armed {
    DiskFault fault;
    std::string path_part;
  };
  std::uint32_t& rate_of(DiskFault fault) { return rates_[static_cast<std::size_t>(fault)]; }

  std::array<std::uint32_t, disk_fault_count> rates_{};
  std::vector<Armed> armed_;
};

}  // namespace trialog::sim
