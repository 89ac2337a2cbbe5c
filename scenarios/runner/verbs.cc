#include "scenarios/runner/verbs.h"

#include <algorithm>

namespace trialog::scenarios {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"cluster", "", 0, 0, {"brokers", "controllers", "racks", "seed", "durability"}, true, false},
      {"topic", "NAME", 1, 1, {"partitions", "replicas", "min_isr"}, true, false},
      {"produce",
       "TOPIC or TOPIC/PARTITION",
       1,
       1,
       {"records", "acks", "keys", "size", "rate", "linger", "batch", "idempotence", "compression",
        "in_flight", "within", "request_timeout", "via"},
       false,
       true},
      {"consume",
       "TOPIC or TOPIC/PARTITION",
       1,
       1,
       {"from", "records", "for", "within"},
       false,
       true},
      {"crash", "WHO", 1, 1, {}, false, false},
      {"kill", "WHO", 1, 1, {}, false, false},
      {"stop", "WHO", 1, 1, {}, false, false},
      {"restart", "WHO", 1, 1, {}, false, false},
      {"pause", "WHO", 1, 1, {}, false, false},
      {"resume", "WHO", 1, 1, {}, false, false},
      {"cut", "A from B, or A to B", 3, 3, {}, false, false},
      {"reset", "A from B", 3, 3, {}, false, false},
      {"heal", "", 0, 0, {}, false, false},
      {"network", "", 0, 0, {"latency", "jitter", "bandwidth", "resets", "flips"}, false, false},
      {"disk", "WHO FAULT", 2, 2, {"for", "path"}, false, false},
      {"clock", "WHO", 1, 1, {"jump", "drift"}, false, false},
      {"chaos", "", 0, 0, {"for", "families", "every", "lose", "votes"}, false, true},
      {"wait", "DURATION", 1, 1, {}, false, false},
      {"settle", "", 0, 0, {"within"}, false, false},
      {"elect", "TOPIC/PARTITION", 1, 1, {"unclean"}, false, false},
      {"reassign", "TOPIC/PARTITION to BROKERS", 3, 3, {"within"}, false, true},
      {"expect",
       "QUANTITY, or QUANTITY TOPIC/PARTITION",
       1,
       2,
       {"at_least", "at_most", "is", "not", "within"},
       false,
       false},
  };
  return all;
}

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find(verbs(), name, &Verb::name);
  return found == verbs().end() ? nullptr : &*found;
}

}  // namespace trialog::scenarios
