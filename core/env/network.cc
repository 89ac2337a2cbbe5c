#include "core/env/network.h"

namespace trialog {

std::string Endpoint::text() const {
  const bool v6 = host_.find(':') != std::string::npos;
  return (v6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

}  // namespace trialog
