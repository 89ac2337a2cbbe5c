#include "scenarios/runner/verbs.h"

#include <algorithm>

namespace trialog::scenarios {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"cluster", "", 0, 0, {"brokers", "seed", "durability"}, true, false},
      {"topic", "NAME", 1, 1, {"partitions"}, true, false},
      {"produce",
       "TOPIC or TOPIC/PARTITION",
       1,
       1,
       {"records", "acks", "keys", "size", "rate", "linger", "batch", "idempotence", "compression",
        "in_flight", "within", "request_timeout"},
       false,
       true},
      {"consume",
       "TOPIC or TOPIC/PARTITION",
       1,
       1,
       {"from", "records", "for", "within"},
       false,
       true},
      {"crash", "BROKER", 1, 1, {}, false, false},
      {"kill", "BROKER", 1, 1, {}, false, false},
      {"stop", "BROKER", 1, 1, {}, false, false},
      {"restart", "BROKER", 1, 1, {}, false, false},
      {"pause", "BROKER", 1, 1, {}, false, false},
      {"resume", "BROKER", 1, 1, {}, false, false},
      {"cut", "A from B, or A to B", 3, 3, {}, false, false},
      {"reset", "A from B", 3, 3, {}, false, false},
      {"heal", "", 0, 0, {}, false, false},
      {"network", "", 0, 0, {"latency", "jitter", "bandwidth", "resets", "flips"}, false, false},
      {"disk", "BROKER FAULT", 2, 2, {"for", "path"}, false, false},
      {"clock", "BROKER", 1, 1, {"jump", "drift"}, false, false},
      {"chaos", "", 0, 0, {"for", "families", "every"}, false, true},
      {"wait", "DURATION", 1, 1, {}, false, false},
      {"settle", "", 0, 0, {"within"}, false, false},
      {"expect", "QUANTITY", 1, 1, {"at_least", "at_most", "is"}, false, false},
  };
  return all;
}

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find(verbs(), name, &Verb::name);
  return found == verbs().end() ? nullptr : &*found;
}

}  // namespace trialog::scenarios
