#include "sim/trace.h"

#include <string>

namespace trialog::sim {

void SimTrace::note(Level level, std::string_view kind, std::string_view detail) {
  if (level >= Level::info) {
    const auto text = std::string(kind) + " " + std::string(detail);
    world_.record(node_, "note", digest(text), text);
  }
  if (!listening_.heard || level < listening_.from) return;
  listening_.heard({world_.now(), node_, level, kind, detail});
}

bool SimTrace::hears(Level level) const {
  return level >= Level::info || (listening_.heard && level >= listening_.from);
}

}  // namespace trialog::sim
