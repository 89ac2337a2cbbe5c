#include "core/env/offset_waiters.h"

namespace trialog {

OffsetWaiters::~OffsetWaiters() {
  while (first_ != nullptr) remove(*first_);
}

/// From the end: who comes later waits for more, nearly always.
void OffsetWaiters::insert(Wait& wait) {
  auto* before = last_;
  while (before != nullptr && before->end_ > wait.end_) before = before->previous_;
  wait.previous_ = before;
  wait.next_ = before == nullptr ? first_ : before->next_;
  (wait.previous_ == nullptr ? first_ : wait.previous_->next_) = &wait;
  (wait.next_ == nullptr ? last_ : wait.next_->previous_) = &wait;
  wait.listed_ = true;
}

void OffsetWaiters::remove(Wait& wait) {
  if (!wait.listed_) return;
  (wait.previous_ == nullptr ? first_ : wait.previous_->next_) = wait.next_;
  (wait.next_ == nullptr ? last_ : wait.next_->previous_) = wait.previous_;
  wait.listed_ = false;
}

void OffsetWaiters::wake_first() {
  auto& wait = *first_;
  remove(wait);
  executor_.wake(wait.waiter_);
}

void OffsetWaiters::reached(Offset end) {
  while (first_ != nullptr && first_->end_ <= end) wake_first();
}

void OffsetWaiters::raise() {
  while (first_ != nullptr) wake_first();
}

}  // namespace trialog
