#include <algorithm>
#include <limits>
#include <set>

#include "core/base/check.h"
#include "core/metadata/batches.h"
#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

using State = BrokerState;

State state_of(const Broker& broker) {
  if (broker.fenced) return State::fenced;
  return broker.in_controlled_shutdown ? State::controlled_shutdown : State::unfenced;
}

}  // namespace

std::int64_t Controller::lowest_active_offset() const {
  auto lowest = std::numeric_limits<std::int64_t>::max();
  for (const auto& [id, broker] : image_.brokers()) {
    if (broker.active()) lowest = std::min(lowest, sessions_.metadata_offset(id));
  }
  return lowest;
}

BrokerState Controller::next_state(const Broker& broker,
                                   const protocol::BrokerHeartbeatRequest& request) const {
  const bool leads = index_.leads(broker.id);
  switch (state_of(broker)) {
    case State::fenced:
      if (request.want_shut_down) return State::shutdown_now;
      if (request.want_fence || request.current_metadata_offset < broker.epoch) {
        return State::fenced;
      }
      // Whoever said that it goes comes back as another incarnation.
      return broker.in_controlled_shutdown ? State::fenced : State::unfenced;
    case State::unfenced:
      if (request.want_fence) return request.want_shut_down ? State::shutdown_now : State::fenced;
      if (!request.want_shut_down) return State::unfenced;
      return leads ? State::controlled_shutdown : State::shutdown_now;
    case State::controlled_shutdown: {
      const auto offset = sessions_.shutdown_offset(broker.id);
      const bool known = offset && *offset <= lowest_active_offset();
      return leads || !known ? State::controlled_shutdown : State::shutdown_now;
    }
    case State::shutdown_now:
      break;
  }
  CHECK(!"a broker that is registered");
  return State::shutdown_now;
}

void Controller::move(const Broker& broker, BrokerState next, std::vector<Record>& records) const {
  protocol::BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id.value;
  record.broker_epoch = broker.epoch;
  switch (next) {
    case State::unfenced:
      record.fenced = -1;
      records.emplace_back(record);
      change_leaders({.added = broker.id}, index_.leaderless(), records);
      return;
    case State::controlled_shutdown:
      record.in_controlled_shutdown = 1;
      records.emplace_back(record);
      change_leaders({.removed = broker.id}, index_.of(broker.id), records);
      return;
    case State::fenced:
    case State::shutdown_now:
      if (!broker.fenced) fence(broker, records);
      return;
  }
}

Controller::Decision Controller::broker_heartbeat(Instant now, Ticket ticket,
                                                  const protocol::BrokerHeartbeatRequest& request) {
  protocol::BrokerHeartbeatResponse response;
  if (const auto error = epoch_error(request.broker_id, request.broker_epoch)) {
    response.error_code = *error;
    return answer(ticket, std::move(response));
  }
  const auto& broker = *image_.broker(NodeId(request.broker_id));
  const auto state = state_of(broker);
  const auto next = next_state(broker, request);
  Decision decision;
  if (next != state) {
    CHECK(allows(broker_transitions, state, next));
    move(broker, next, decision.records);
  }
  take_offline(broker, request.offline_log_dirs, decision.records);
  bracket(decision.records);

  sessions_.heard(broker.id, now, request.current_metadata_offset);
  if (next == State::controlled_shutdown) {
    const auto end = image_.end() + static_cast<std::int64_t>(decision.records.size());
    sessions_.set_shutdown_offset(broker.id, end.value - 1);
  }
  response.is_caught_up = request.current_metadata_offset >= broker.epoch;
  response.is_fenced = next == State::fenced || next == State::shutdown_now;
  response.should_shut_down = next == State::shutdown_now;
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

void Controller::take_offline(const Broker& broker, const std::vector<Uuid>& offline,
                              std::vector<Record>& records) const {
  // What this decision did already is not in the image; the next heartbeat tells it again.
  if (!records.empty()) return;
  const std::set<Uuid> lost(offline.begin(), offline.end());
  std::vector<Uuid> left;
  std::ranges::copy_if(broker.log_dirs, std::back_inserter(left),
                       [&lost](const Uuid& dir) { return !lost.contains(dir); });
  if (left.size() == broker.log_dirs.size() || left.empty()) return;
  PartitionIndex::Keys keys;
  for (const auto& key : index_.of(broker.id)) {
    const auto& partition = *image_.topic(key.topic)->partition(key.index);
    const auto found = std::ranges::find(partition.replicas, broker.id);
    if (found == partition.replicas.end()) continue;
    const auto at = static_cast<std::size_t>(found - partition.replicas.begin());
    if (lost.contains(partition.directories[at])) keys.insert(key);
  }
  change_leaders({.removed = broker.id}, keys, records);
  protocol::BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id.value;
  record.broker_epoch = broker.epoch;
  record.log_dirs = std::move(left);
  records.emplace_back(std::move(record));
}

}  // namespace trialog::metadata
