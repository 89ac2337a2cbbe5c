#pragma once

#include <string>
#include <vector>

#include "core/client/admin.h"
#include "core/env/env.h"

namespace trialog::scenarios {

/// An administrator without a plan: moves replicas and elects leaders at random, for a while. What
/// is refused or lost is not tried again.
class Meddler {
 public:
  Meddler(Env env, client::Admin& admin, int brokers)
      : env_(env), admin_(admin), brokers_(brokers), chance_(env.random.fork("meddler")) {}

  /// Does something about every `gap`, until `end`.
  Task<void> meddle(std::vector<TopicPartition> partitions, Duration gap, Instant end);

 private:
  Task<void> move(TopicPartition partition);
  std::vector<NodeId> some_replicas();

  Env env_;
  client::Admin& admin_;
  int brokers_;
  Random chance_;
};

}  // namespace trialog::scenarios
