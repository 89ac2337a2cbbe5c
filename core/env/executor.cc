#include "core/env/executor.h"

#include "core/base/check.h"

namespace trialog {

void Runnable::unlink() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
  --list_->size_;
  list_ = nullptr;
}

RunnableList::RunnableList() { ends_.next_ = ends_.previous_ = &ends_; }

RunnableList::~RunnableList() {
  while (pop_front() != nullptr) {
  }
  ends_.next_ = nullptr;
}

void RunnableList::push_back(Runnable& runnable) {
  runnable.unlink();
  runnable.next_ = &ends_;
  runnable.previous_ = ends_.previous_;
  ends_.previous_->next_ = &runnable;
  ends_.previous_ = &runnable;
  runnable.list_ = this;
  ++size_;
}

Runnable* RunnableList::pop_front() { return empty() ? nullptr : take(0); }

Runnable* RunnableList::take(std::size_t index) {
  CHECK(index < size_);
  Runnable* found = ends_.next_;
  for (; index > 0; --index) found = found->next_;
  found->unlink();
  return found;
}

}  // namespace trialog
