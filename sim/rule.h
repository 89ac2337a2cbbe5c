#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <variant>

#include "sim/moment.h"

namespace trialog::sim {

/// One piece of a byte stream on its way. The views live only while the rule looks at them.
struct Delivery {
  std::string_view from, to;
  std::uint16_t port = 0;        // The one that the connection was made to.
  std::uint64_t connection = 0;  // As in `Fabric::connections`.
  std::uint64_t position = 0;    // Of the first byte in its direction of the stream.
  std::span<const std::byte> bytes;
  bool to_listener = false;  // From the side that connected.
};

struct Pass {};  // Ask the next rule.
struct Deliver {
  Duration after{0};  // Later than it would; what follows on the connection comes behind it.
};
struct Cut {};  // Break the connection, as TCP does when bytes are lost.
using Verdict = std::variant<Pass, Deliver, Cut>;

/// Judges every piece when it is sent, for faults aimed at one request or one connection.
using Rule = std::function<Verdict(const Delivery&)>;

}  // namespace trialog::sim
