#include "sim/disk_fault.h"

namespace trialog::sim {

bool DiskFaults::strikes(DiskFault fault, std::string_view path, Random& random) {
  for (auto it = armed_.begin(); it != armed_.end(); ++it) {
    if (it->fault != fault || path.find(it->path_part) == std::string_view::npos) continue;
    armed_.erase(it);
    return true;
  }
  const auto rate = rate_of(fault);
  return rate > 0 && random.chance(rate);
}

}  // namespace trialog::sim
