#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/env/disk.h"
#include "core/log/batch_header.h"

namespace trialog::log {

/// A stretch of a segment's file that does not hold what was written there: bit rot, a write that
/// landed elsewhere or nowhere. The offsets [from, end) are in it and nowhere else.
struct Damage {
  Offset from;
  Offset end;
  std::uint64_t position = 0;
  std::uint64_t end_position = 0;
  friend bool operator==(const Damage&, const Damage&) = default;
};

/// Adds to a list in order; what overlaps or touches becomes one.
void add_damage(std::vector<Damage>& list, const Damage& damage);

/// Offsets that can't be read from this replica.
struct DamagedRange {
  Offset from;
  Offset end;
  friend bool operator==(const DamagedRange&, const DamagedRange&) = default;
};

/// How far damage reaches that begins at `position` of the file with the offset `from`: up to the
/// next whole batch, or to `file_end`, where the offset `end` stands.
Task<Result<Damage>> measure_damage(std::shared_ptr<File> file, std::uint64_t position,
                                    std::uint64_t file_end, Offset from, Offset end);

}  // namespace trialog::log
