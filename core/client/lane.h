#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/client/pending_batch.h"

namespace trialog::client {

/// The batches of one partition in the order in which they must be written, and, for an idempotent
/// producer, their sequence numbers (KIP-98, KIP-360). Decides which may be sent; sends nothing.
///
/// Always true with idempotence: a batch that is tried again keeps its number until the epoch is
/// bumped; it is sent only when everything before it has its outcome; the epoch is bumped only
/// when nothing is in flight, so that no answer to an old number is still to come (KAFKA-14034).
///
/// Until the first batch of an epoch is acknowledged one at a time is in flight: a broker that
/// knows nothing of a producer takes any first sequence, also that of the second batch.
class Lane {
 public:
  using Batch = std::shared_ptr<PendingBatch>;

  Lane(TopicPartition partition, bool idempotent, int max_in_flight);

  const TopicPartition& partition() const { return partition_; }

  void push(Batch batch);
  /// The batch that takes records, or null.
  PendingBatch* open_batch() const;
  /// The batch that must go next, or null.
  PendingBatch* front() const { return waiting_.empty() ? nullptr : waiting_.front().get(); }
  std::size_t waiting() const { return waiting_.size(); }
  bool idle() const { return waiting_.empty() && in_flight_.empty(); }

  /// Whether `front()` may go out while what is in flight is.
  bool may_send() const;
  /// Takes `front()` into flight, numbered if `current` is an identity.
  Batch send(ProducerIdentity current);
  /// It is to be tried again, not before `when`.
  void retry(const Batch& batch, Instant when);
  /// It has been written.
  void acknowledged(const Batch& batch);
  /// It has been given up. If it surely is not in the log, and nothing was numbered after it, the
  /// next takes its number.
  void given_up(const Batch& batch);

  /// The broker misses a sequence before `batch`, or does not know it. True if that is so because
  /// the broker lost something, rather than because a batch before it has still to be retried: the
  /// lane then waits for a new identity.
  bool on_gap(const PendingBatch& batch);
  bool waits_for_identity() const { return wants_identity_ && in_flight_.empty(); }
  /// Everything not yet written gets new numbers from zero on.
  void renumber(ProducerIdentity identity);
  const ProducerIdentity& identity() const { return identity_; }

  /// Those whose time has come, taken out of those that wait.
  std::vector<Batch> take_expired(Instant created_by);
  const std::vector<Batch>& in_flight() const { return in_flight_; }
  const std::deque<Batch>& queue() const { return waiting_; }

 private:
  bool is_first(const PendingBatch& batch) const;
  void land(const Batch& batch);

  TopicPartition partition_;
  bool idempotent_;
  std::size_t max_in_flight_;
  std::deque<Batch> waiting_;     // By order: those to be tried again, then those never sent.
  std::vector<Batch> in_flight_;  // By order.
  std::uint64_t next_order_ = 0;
  ProducerIdentity identity_;
  std::int32_t next_sequence_ = 0;
  bool proven_ = false;  // A batch of this identity has been acknowledged.
  bool wants_identity_ = false;
};

}  // namespace trialog::client
