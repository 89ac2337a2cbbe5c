#include "core/client/lane.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::client {
namespace {

/// Sequences go on with 0 after 2147483647.
std::int32_t sequence_after(std::int32_t sequence, std::int32_t count) {
  const auto next = static_cast<std::int64_t>(sequence) + count;
  return static_cast<std::int32_t>(next & 0x7fffffff);
}

bool in_order(const Lane::Batch& a, const Lane::Batch& b) { return a->order < b->order; }

}  // namespace

Lane::Lane(TopicPartition partition, bool idempotent, int max_in_flight)
    : partition_(std::move(partition)),
      idempotent_(idempotent),
      max_in_flight_(static_cast<std::size_t>(max_in_flight)) {
  CHECK(max_in_flight > 0);
}

void Lane::push(Batch batch) {
  batch->order = next_order_++;
  waiting_.push_back(std::move(batch));
}

PendingBatch* Lane::open_batch() const {
  if (waiting_.empty() || !waiting_.back()->open()) return nullptr;
  return waiting_.back().get();
}

bool Lane::is_first(const PendingBatch& batch) const {
  return in_flight_.empty() || batch.order < in_flight_.front()->order;
}

bool Lane::may_send() const {
  if (waiting_.empty()) return false;
  if (!idempotent_) return max_in_flight_ > 1 || in_flight_.empty();
  if (wants_identity_) return false;
  const auto& next = *waiting_.front();
  if (next.numbered() || !proven_) return is_first(next);
  // Counted from the oldest open one, and not by how many are open: the broker must still know that
  // one's number if it has to be sent again.
  return in_flight_.empty() || next.order < in_flight_.front()->order + max_in_flight_;
}

Lane::Batch Lane::send(ProducerIdentity current) {
  CHECK(may_send());
  auto batch = std::move(waiting_.front());
  waiting_.pop_front();
  batch->sent_first = is_first(*batch);
  ++batch->tries;
  if (idempotent_ && !batch->numbered()) {
    // A newer identity is taken up when no number of the old one is open.
    if (current != identity_ && in_flight_.empty()) renumber(current);
    batch->number(identity_, next_sequence_);
    next_sequence_ = sequence_after(next_sequence_, batch->count());
  }
  in_flight_.insert(std::ranges::upper_bound(in_flight_, batch, in_order), batch);
  return batch;
}

void Lane::land(const Batch& batch) {
  const auto found = std::ranges::find(in_flight_, batch);
  CHECK(found != in_flight_.end());
  in_flight_.erase(found);
}

void Lane::retry(const Batch& batch, Instant when) {
  land(batch);
  batch->not_before = when;
  waiting_.insert(std::ranges::upper_bound(waiting_, batch, in_order), batch);
}

void Lane::acknowledged(const Batch& batch) {
  land(batch);
  if (batch->identity() == identity_) proven_ = true;
}

void Lane::given_up(const Batch& batch) {
  const bool last = sequence_after(batch->sequence(), batch->count()) == next_sequence_;
  const bool ours = batch->numbered() && batch->identity() == identity_;
  if (ours && last && !batch->maybe_written) next_sequence_ = batch->sequence();
  if (std::ranges::find(in_flight_, batch) != in_flight_.end()) land(batch);
}

bool Lane::on_gap(const PendingBatch& batch) {
  const bool waits_before =
      !waiting_.empty() && waiting_.front()->numbered() && waiting_.front()->order < batch.order;
  const bool flies_before = !in_flight_.empty() && in_flight_.front()->order < batch.order;
  if (waits_before || flies_before || !batch.sent_first) return false;
  wants_identity_ = true;
  return true;
}

void Lane::renumber(ProducerIdentity identity) {
  CHECK(in_flight_.empty());
  for (auto& batch : waiting_) batch->forget_number();
  identity_ = identity;
  next_sequence_ = 0;
  proven_ = false;
  wants_identity_ = false;
}

std::vector<Lane::Batch> Lane::take_expired(Instant created_by) {
  std::vector<Batch> expired;
  while (!waiting_.empty() && waiting_.front()->created <= created_by) {
    expired.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return expired;
}

}  // namespace trialog::client
