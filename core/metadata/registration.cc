#include <algorithm>
#include <set>

#include "core/base/check.h"
#include "core/metadata/batches.h"
#include "core/metadata/controller.h"
#include "core/metadata/features.h"

namespace trialog::metadata {
namespace {

using Request = protocol::BrokerRegistrationRequest;

/// What Kafka reserves: none known, lost, and on its way to another.
bool is_reserved(const Uuid& directory) {
  constexpr std::byte reserved{100};
  const auto all_but_last = std::span(directory.bytes).first(directory.bytes.size() - 1);
  return std::ranges::all_of(all_but_last, [](std::byte b) { return b == std::byte{0}; }) &&
         directory.bytes.back() < reserved;
}

bool sane_directories(const Image& image, const Request& request) {
  if (request.log_dirs.empty()) return false;
  if (std::ranges::any_of(request.log_dirs, is_reserved)) return false;
  const std::set<Uuid> own(request.log_dirs.begin(), request.log_dirs.end());
  if (own.size() != request.log_dirs.size()) return false;
  return std::ranges::none_of(image.brokers(), [&](const auto& entry) {
    const auto& dirs = entry.second.log_dirs;
    return entry.first.value != request.broker_id &&
           std::ranges::any_of(dirs, [&own](const Uuid& dir) { return own.contains(dir); });
  });
}

/// The finalized levels must be such that the broker can live with them.
bool supports_features(const Image& image, const Request& request) {
  return std::ranges::all_of(image.features(), [&request](const auto& finalized) {
    const auto& [name, level] = finalized;
    const auto found = std::ranges::find(request.features, name, &Request::Feature::name);
    if (found == request.features.end()) return false;
    return found->min_supported_version <= level && level <= found->max_supported_version;
  });
}

ErrorCode refusal(const Image& image, const std::string& cluster, const Request& request) {
  if (!cluster.empty() && request.cluster_id != cluster) return ErrorCode::inconsistent_cluster_id;
  if (request.broker_id < 0) return ErrorCode::invalid_registration;
  if (!sane_directories(image, request)) return ErrorCode::invalid_registration;
  if (!supports_features(image, request)) return ErrorCode::unsupported_version;
  return ErrorCode::none;
}

template <class Record, class From>
void copy_ends(const From& request, Record& record) {
  for (const auto& from : request.listeners) {
    auto& to = record.end_points.emplace_back();
    to.name = from.name;
    to.host = from.host;
    to.port = from.port;
    to.security_protocol = from.security_protocol;
  }
  for (const auto& from : request.features) {
    auto& to = record.features.emplace_back();
    to.name = from.name;
    to.min_supported_version = from.min_supported_version;
    to.max_supported_version = from.max_supported_version;
  }
}

protocol::RegisterBrokerRecord record_of(const Request& request) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  copy_ends(request, record);
  record.rack = request.rack;
  record.log_dirs = request.log_dirs;
  record.fenced = true;
  return record;
}

}  // namespace

Controller::Decision Controller::broker_registration(Instant now, Ticket ticket,
                                                     const Request& request) {
  protocol::BrokerRegistrationResponse response;
  const NodeId id(request.broker_id);
  const auto* known = image_.broker(id);
  const bool same = known && known->incarnation == request.incarnation_id;
  response.error_code = refusal(image_, options_.cluster_id, request);
  // A broker that is fenced has no session: whoever comes under its id takes it over.
  const bool taken = known && !same && !known->fenced && sessions_.is_live(id, now);
  if (response.error_code == ErrorCode::none && taken) {
    response.error_code = ErrorCode::duplicate_broker_registration;
  }
  if (response.error_code != ErrorCode::none) return answer(ticket, std::move(response));

  Decision decision;
  auto& records = decision.records;
  if (known && !same) leave_behind(*known, request.previous_broker_epoch, records);
  auto record = record_of(request);
  records.emplace_back(record);
  const std::int64_t before_it = needs_transaction(records) ? 1 : 0;
  record.broker_epoch =
      image_.end().value + before_it + static_cast<std::int64_t>(records.size()) - 1;
  if (same) {
    // It asks again, perhaps because it did not get our answer (KAFKA-16952).
    record.broker_epoch = known->epoch;
    record.fenced = known->fenced;
    record.in_controlled_shutdown = known->in_controlled_shutdown;
  } else {
    sessions_.forget(id);
  }
  response.broker_epoch = record.broker_epoch;
  records.back() = std::move(record);
  bracket(records);
  sessions_.heard(id, now, same ? sessions_.metadata_offset(id) : -1);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

void Controller::leave_behind(const Broker& old, std::int64_t previous_epoch,
                              std::vector<Record>& records) const {
  if (options_.bugs.has(Bug::leader_resumes_after_restart)) return;
  // Without eligible replicas the last one in sync keeps its place whatever it lost, as before
  // KIP-966: nobody knows that it lost anything.
  const bool unclean = keeps_eligible() && previous_epoch != old.epoch;
  BrokerChange change;
  (unclean ? change.unclean : change.removed) = old.id;
  change_leaders(change, index_.of(old.id), records);
}

Controller::Decision Controller::unregister_broker(
    Instant, Ticket ticket, const protocol::UnregisterBrokerRequest& request) {
  protocol::UnregisterBrokerResponse response;
  response.error_message = std::nullopt;
  const auto* broker = image_.broker(NodeId(request.broker_id));
  if (!broker) {
    response.error_code = ErrorCode::broker_id_not_registered;
    response.error_message =
        "Broker ID " + std::to_string(request.broker_id) + " is not currently registered";
    return answer(ticket, std::move(response));
  }
  Decision decision;
  // Whatever comes back under this id need not have its records.
  change_leaders({.unclean = broker->id}, index_.of(broker->id), decision.records);
  protocol::UnregisterBrokerRecord record;
  record.broker_id = broker->id.value;
  record.broker_epoch = broker->epoch;
  decision.records.emplace_back(record);
  bracket(decision.records);
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

Controller::Decision Controller::controller_registration(
    Instant, Ticket ticket, const protocol::ControllerRegistrationRequest& request) {
  protocol::ControllerRegistrationResponse response;
  response.error_message = std::nullopt;
  protocol::RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  record.zk_migration_ready = request.zk_migration_ready;
  copy_ends(request, record);
  Decision decision;
  decision.records.emplace_back(std::move(record));
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
