#include "core/client/delivery.h"

#include "core/client/batch_fate.h"

namespace trialog::client {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::acknowledged:
      return "acknowledged";
    case Outcome::not_written:
      return "not written";
    case Outcome::unknown:
      return "unknown";
  }
  return "";
}

Delivery::Delivery(std::shared_ptr<BatchFate> fate, std::size_t index, WallTime timestamp)
    : fate_(std::move(fate)), index_(index), timestamp_(timestamp) {}

Delivery::Delivery(SendResult known)
    : known_(std::make_shared<const SendResult>(std::move(known))) {}

bool Delivery::done() const { return known_ != nullptr || fate_->settled(); }

std::optional<SendResult> Delivery::result() const {
  if (known_ != nullptr) return *known_;
  if (!fate_->settled()) return std::nullopt;
  return fate_->result(index_, timestamp_);
}

namespace {

Task<SendResult> outcome_of(Delivery delivery, std::shared_ptr<BatchFate> fate) {
  while (!delivery.done()) co_await fate->wait();
  auto result = delivery.result();
  co_return std::move(*result);
}

}  // namespace

Task<SendResult> Delivery::wait() const { return outcome_of(*this, fate_); }

}  // namespace trialog::client
