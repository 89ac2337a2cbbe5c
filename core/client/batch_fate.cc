#include "core/client/batch_fate.h"

#include "core/base/check.h"

namespace trialog::client {

void BatchFate::call_back(std::size_t index, WallTime timestamp, DeliveryCallback callback) {
  CHECK(!settled());
  listeners_.push_back({index, timestamp, std::move(callback)});
}

void BatchFate::settle(Verdict verdict) {
  CHECK(!settled());
  verdict_ = std::move(verdict);
  settled_.raise();
  auto listeners = std::move(listeners_);
  for (auto& listener : listeners) listener.callback(result(listener.index, listener.timestamp));
}

void BatchFate::abandon(Verdict verdict) {
  CHECK(!settled());
  listeners_.clear();
  verdict_ = std::move(verdict);
  settled_.raise();
}

SendResult BatchFate::result(std::size_t index, WallTime timestamp) const {
  CHECK(settled());
  SendResult result{.outcome = verdict_->outcome,
                    .partition = partition_,
                    .timestamp = verdict_->append_time.value_or(timestamp),
                    .error = verdict_->error};
  if (verdict_->base >= Offset(0)) {
    result.offset = verdict_->base + static_cast<std::int64_t>(index);
  }
  return result;
}

}  // namespace trialog::client
