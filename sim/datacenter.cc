#include "sim/datacenter.h"

namespace trialog::sim {

Machine& Datacenter::machine(const std::string& name) {
  auto& place = machines_[name];
  if (place == nullptr) {
    const auto index = static_cast<NodeIndex>(machines_.size());
    place = std::make_unique<Machine>(world_, fabric_, name, index, listening_);
  }
  return *place;
}

Machine* Datacenter::find(const std::string& name) {
  const auto found = machines_.find(name);
  return found == machines_.end() ? nullptr : found->second.get();
}

}  // namespace trialog::sim
