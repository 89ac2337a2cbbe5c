#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/client/delivery.h"
#include "core/env/wait.h"

namespace trialog::client {

/// How one batch ended, shared by the producer and the deliveries of its records. Settled once.
class BatchFate {
 public:
  /// What holds for every record of the batch.
  struct Verdict {
    Outcome outcome = Outcome::unknown;
    Offset base{-1};
    /// Set if the topic's timestamps are those of the append.
    std::optional<WallTime> append_time;
    std::optional<ClientError> error;
  };

  BatchFate(Executor& executor, TopicPartition partition)
      : partition_(std::move(partition)), settled_(executor) {}

  /// `callback` runs with the result of record `index` when the batch is settled.
  void call_back(std::size_t index, WallTime timestamp, DeliveryCallback callback);
  /// Wakes those who wait; runs the callbacks in order of their records.
  void settle(Verdict verdict);
  /// As `settle`, but without callbacks: whom they would tell is gone.
  void abandon(Verdict verdict);

  bool settled() const { return verdict_.has_value(); }
  SendResult result(std::size_t index, WallTime timestamp) const;
  [[nodiscard]] Signal::Wait wait() { return settled_.wait(); }

 private:
  struct Listener {
    std::size_t index;
    WallTime timestamp;
    DeliveryCallback callback;
  };

  TopicPartition partition_;
  std::optional<Verdict> verdict_;
  std::vector<Listener> listeners_;
  Signal settled_;
};

}  // namespace trialog::client
