#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/topic.h"
#include "core/client/client_error.h"
#include "core/env/task.h"

namespace trialog::client {

/// What is known of a record after all. A checker must count `unknown` as "may be in the log,
/// once": a timeout, a lost connection, NOT_LEADER_OR_FOLLOWER or NOT_ENOUGH_REPLICAS_AFTER_APPEND
/// after the record had left us say nothing about its fate; neither do acks=0.
enum class Outcome { acknowledged, not_written, unknown };

std::string_view outcome_name(Outcome outcome);

/// How the sending of one record ended.
struct SendResult {
  Outcome outcome = Outcome::unknown;
  TopicPartition partition;
  /// -1 unless acknowledged; also -1 if the broker recognised a duplicate whose offset it forgot.
  Offset offset{-1};
  /// The broker's, where the topic has LogAppendTime; otherwise the record's own.
  WallTime timestamp;
  /// Why it was not acknowledged: nothing for acks=0, where sending is all there is.
  std::optional<ClientError> error;

  bool acknowledged() const { return outcome == Outcome::acknowledged; }
};

using DeliveryCallback = std::move_only_function<void(const SendResult&)>;

class BatchFate;

/// The outcome of a record that is on its way: ask now, or wait for it. Cheap to copy; may outlive
/// the producer, whose destruction makes every open outcome `unknown`.
class Delivery {
 public:
  /// Of record `index` in its batch. For the producer.
  Delivery(std::shared_ptr<BatchFate> fate, std::size_t index, WallTime timestamp);
  /// Whose outcome is known from the start, such as a record that is too large.
  explicit Delivery(SendResult known);

  bool done() const;
  /// Nothing while it is open.
  std::optional<SendResult> result() const;
  Task<SendResult> wait() const;

 private:
  std::shared_ptr<BatchFate> fate_;
  std::size_t index_ = 0;
  WallTime timestamp_;
  std::shared_ptr<const SendResult> known_;
};

}  // namespace trialog::client
