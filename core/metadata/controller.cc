#include "core/metadata/controller.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::metadata {
namespace {

protocol::RegisterBrokerRecord registration_record(const Registration& from, std::int64_t epoch) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = from.id.value;
  record.incarnation_id = from.incarnation;
  record.broker_epoch = epoch;
  for (const auto& at : from.endpoints) {
    protocol::RegisterBrokerRecord::BrokerEndpoint endpoint;
    endpoint.name = at.name;
    endpoint.host = at.host;
    endpoint.port = at.port;
    endpoint.security_protocol = at.security_protocol;
    record.end_points.push_back(std::move(endpoint));
  }
  protocol::RegisterBrokerRecord::BrokerFeature feature;
  feature.name = "metadata.version";
  feature.min_supported_version = 1;
  feature.max_supported_version = metadata_version_level;
  record.features.push_back(std::move(feature));
  record.rack = from.rack;
  record.log_dirs = from.log_dirs;
  // The controller is in the same process: it need not hear from the broker first.
  record.fenced = false;
  return record;
}

/// The broker leads on, or again if it had lost the lead when it stopped.
std::optional<protocol::PartitionChangeRecord> new_epoch(const Topic& topic, std::int32_t index,
                                                         const Partition& partition, NodeId id) {
  const auto holds = [id](const std::vector<NodeId>& ids) {
    return std::ranges::find(ids, id) != ids.end();
  };
  const bool leads = partition.leader == id;
  const bool may_lead =
      partition.leader == no_leader &&
      (holds(partition.isr) || (partition.isr.empty() && holds(partition.eligible)));
  if (!leads && !may_lead) return std::nullopt;
  protocol::PartitionChangeRecord record;
  record.partition_id = index;
  record.topic_id = topic.id;
  record.leader = id.value;
  if (partition.isr.empty()) record.isr = {id.value};
  if (!partition.eligible.empty()) record.eligible_leader_replicas.emplace();
  if (!partition.last_known.empty()) record.last_known_elr.emplace();
  return record;
}

}  // namespace

Controller::Controller(ControllerOptions options) : options_(std::move(options)) {
  CHECK(options_.num_partitions > 0);
  CHECK(options_.default_replication_factor > 0);
}

Controller::Decision Controller::register_broker(Instant, Ticket ticket,
                                                 const Registration& registration) {
  Decision decision;
  auto& records = decision.records;
  if (image_.in_transaction()) {
    protocol::AbortTransactionRecord abort;
    abort.reason = "The controller that began it is gone.";
    records.emplace_back(std::move(abort));
  }
  if (!image_.features().contains("metadata.version")) {
    protocol::FeatureLevelRecord level;
    level.name = "metadata.version";
    level.feature_level = metadata_version_level;
    records.emplace_back(std::move(level));
  }
  const auto epoch = (image_.end() + static_cast<std::int64_t>(records.size())).value;
  records.emplace_back(registration_record(registration, epoch));
  for (const auto& [name, topic] : image_.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      if (auto change = new_epoch(*topic, index, partition, registration.id)) {
        records.emplace_back(std::move(*change));
      }
    }
  }
  decision.after_commit.push_back({ticket, Registered{epoch}});
  return decision;
}

Controller::Decision Controller::auto_create(Instant now, Ticket ticket,
                                             const std::vector<std::string>& names) {
  protocol::CreateTopicsRequest request;
  for (const auto& name : names) {
    NewTopic topic;
    topic.name = name;
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    request.topics.push_back(std::move(topic));
  }
  return create_topics(now, ticket, request);
}

Controller::Decision Controller::allocate_producer_ids(Instant, Ticket ticket, NodeId broker) {
  const auto first = image_.next_producer_id();
  const auto* registered = image_.broker(broker);
  protocol::ProducerIdsRecord record;
  record.broker_id = broker.value;
  record.broker_epoch = registered ? registered->epoch : -1;
  record.next_producer_id = first.value + producer_id_block;

  Decision decision;
  decision.records.emplace_back(record);
  decision.after_commit.push_back({ticket, ProducerIds{first, producer_id_block}});
  return decision;
}

Controller::Decision Controller::on_time(Instant) { return {}; }

}  // namespace trialog::metadata
