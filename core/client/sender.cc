#include "core/client/sender.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "core/client/backoff.h"
#include "core/protocol/messages/init_producer_id.h"

namespace trialog::client {

Sender::Sender(Cluster& cluster, const ProducerOptions& options, Room& room)
    : cluster_(cluster),
      options_(options),
      room_(room),
      random_(cluster.env.random.fork("client.sender")),
      tasks_(cluster.env.executor) {
  tasks_.spawn("client.sender", run());
}

Lane& Sender::lane(const std::string& topic, std::int32_t partition) {
  CHECK(partition >= 0);
  auto& lanes = lanes_[topic];
  while (lanes.size() <= static_cast<std::size_t>(partition)) {
    TopicPartition next(topic, static_cast<std::int32_t>(lanes.size()));
    lanes.emplace_back(std::move(next), options_.enable_idempotence, options_.max_in_flight);
  }
  return lanes[static_cast<std::size_t>(partition)];
}

void Sender::wake() {
  changed_ = true;
  cluster_.news.raise();
}

Task<void> Sender::run() {
  auto& env = cluster_.env;
  while (true) {
    changed_ = false;
    const auto now = env.clock.now();
    expire(now);
    renumber_lanes();
    const auto next = std::min(dispatch(now), next_expiry());
    if (changed_) continue;
    auto news = within(env.executor, env.clock, next, raised(cluster_.news));
    co_await news;
  }
}

void Sender::renumber_lanes() {
  if (!options_.enable_idempotence) return;
  each_lane([this](Lane& lane) {
    if (!lane.waits_for_identity()) return;
    if (lane.identity() == identity_) {
      // Epochs are used up: somebody else from now on.
      const bool last = identity_.epoch == std::numeric_limits<std::int16_t>::max();
      if (last) identity_ = ProducerIdentity();
      if (!last) ++identity_.epoch;
    }
    if (identity_.id == no_producer) return want_identity();
    lane.renumber(identity_);
  });
}

/// Sends all that may go now; returns when time alone makes more of it.
Instant Sender::dispatch(Instant now) {
  Loads loads;
  do {
    loads.clear();
    each_lane([&](Lane& lane) { consider(lane, now, loads); });
    for (auto& [node, load] : loads) deliver(node, std::move(load));
  } while (!loads.empty());

  Instant next = never;
  each_lane([&](Lane& lane) {
    if (lane.front() == nullptr) return;
    const auto when = due(lane, *lane.front());
    if (when > now) next = std::min(next, when);
  });
  return next;
}

void Sender::consider(Lane& lane, Instant now, Loads& loads) {
  const auto* front = lane.front();
  if (front == nullptr || due(lane, *front) > now || !lane.may_send()) return;
  if (options_.enable_idempotence && identity_.id == no_producer) return want_identity();
  const auto leader = cluster_.metadata.leader(lane.partition());
  if (!leader) return;
  const auto link = cluster_.link_to(leader->node);
  const auto most = static_cast<std::size_t>(options_.max_in_flight);
  if (!link || flights_[leader->node].size() >= most) return;
  auto& load = loads[leader->node];
  if (load.bytes > 0 && load.bytes + front->size() > options_.max_request_size) return;
  load.link = link;
  load.bytes += front->size();
  Sent sent{.lane = &lane, .batch = lane.send(identity_)};
  load.sent.push_back(std::move(sent));
}

Instant Sender::due(const Lane& lane, const PendingBatch& front) const {
  if (front.tries > 0) return front.not_before;
  const bool complete = !front.open() || lane.waiting() > 1;
  if (complete || hasty_ > 0 || room_.awaited()) return front.created;
  return front.created + options_.linger;
}

Instant Sender::next_expiry() const {
  Instant oldest = never;
  for (const auto& [topic, lanes] : lanes_) {
    for (const auto& lane : lanes) {
      if (lane.front() != nullptr) oldest = std::min(oldest, lane.front()->created);
      for (const auto& batch : lane.in_flight()) {
        if (!batch->fate->settled()) oldest = std::min(oldest, batch->created);
      }
    }
  }
  return oldest == never ? never : oldest + options_.delivery_timeout;
}

void Sender::expire(Instant now) {
  const auto created_by = now - options_.delivery_timeout;
  struct Expired {
    Lane* lane;
    Lane::Batch batch;
  };
  std::vector<Expired> waiting;
  std::vector<Lane::Batch> flying;
  each_lane([&](Lane& lane) {
    for (auto& batch : lane.take_expired(created_by)) waiting.push_back({&lane, std::move(batch)});
    for (const auto& batch : lane.in_flight()) {
      if (batch->created <= created_by && !batch->fate->settled()) flying.push_back(batch);
    }
  });
  const ClientError late(IoError(IoError::Kind::timed_out, "not delivered in time"));
  for (auto& [lane, batch] : waiting) give_up(*lane, batch, batch->error.value_or(late));
  for (auto& batch : flying) {
    // Its number stays taken until the answer comes.
    BatchFate::Verdict verdict{.outcome = Outcome::unknown, .error = late};
    settle(*batch, std::move(verdict));
  }
}

void Sender::want_identity() {
  if (asks_identity_) return;
  asks_identity_ = true;
  tasks_.spawn("client.identity", ask_identity());
}

Task<void> Sender::ask_identity() {
  auto& env = cluster_.env;
  protocol::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
  NodeId whom(0);
  auto finding = cluster_.pool.any(whom, env.clock.now() + options_.request_timeout);
  for (int failures = 1; true; ++failures) {
    auto link = co_await finding;
    if (link) {
      auto response = co_await (*link)->ask<protocol::InitProducerIdResponse>(request);
      if (response && response->error_code == ErrorCode::none) {
        identity_.id = ProducerId(response->producer_id);
        identity_.epoch = response->producer_epoch;
        break;
      }
    }
    const auto pause =
        backoff(options_.retry_backoff, options_.retry_backoff_max, failures, random_);
    co_await env.clock.sleep(pause);
    // Whoever has no ids to give may be cut off from the controller; others need not be.
    finding = cluster_.pool.another(whom, env.clock.now() + options_.request_timeout);
  }
  asks_identity_ = false;
  wake();
}

std::vector<std::shared_ptr<BatchFate>> Sender::open_fates() const {
  std::vector<std::shared_ptr<BatchFate>> fates;
  for (const auto& [topic, lanes] : lanes_) {
    for (const auto& lane : lanes) {
      for (const auto& batch : lane.in_flight()) fates.push_back(batch->fate);
      for (const auto& batch : lane.queue()) fates.push_back(batch->fate);
    }
  }
  std::erase_if(fates, [](const auto& fate) { return fate->settled(); });
  return fates;
}

}  // namespace trialog::client
