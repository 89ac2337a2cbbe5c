#include "core/replication/producer_ids.h"

namespace trialog::replication {

ProducerIds::ProducerIds(Env& env, ControllerChannel& channel, NodeId self,
                         std::function<std::int64_t()> broker_epoch, Duration timeout)
    : env_(env),
      channel_(channel),
      self_(self),
      broker_epoch_(std::move(broker_epoch)),
      timeout_(timeout),
      came_(env.executor),
      tasks_(env.executor) {}

Task<std::expected<ProducerId, ErrorCode>> ProducerIds::next() {
  while (left_ == 0) {
    // One block serves all who wait. It is fetched by a task of our own, because whoever waits may
    // be cancelled.
    if (!fetching_) {
      fetching_ = true;
      tasks_.spawn("producer_ids", fetch());
    }
    co_await came_.wait();
    if (left_ == 0 && error_ != ErrorCode::none) co_return std::unexpected(error_);
  }
  --left_;
  co_return ProducerId(first_++);
}

Task<void> ProducerIds::fetch() {
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = self_.value;
  request.broker_epoch = broker_epoch_();
  auto asked = channel_.ask(request, env_.clock.now() + timeout_);
  const auto answer = co_await asked;
  error_ = answer ? answer->error_code : answer.error();
  if (error_ == ErrorCode::none) {
    first_ = answer->producer_id_start;
    left_ = answer->producer_id_len;
  }
  fetching_ = false;
  came_.raise();
}

}  // namespace trialog::replication
