#include "core/metadata/controller.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/match.h"
#include "core/metadata/features.h"

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

Controller::Controller(ControllerOptions options)
    : Controller(std::move(options), Image(), no_epoch, Instant()) {}

Controller::Controller(ControllerOptions options, Image image, Epoch epoch, Instant now)
    : options_(std::move(options)),
      epoch_(epoch),
      image_(std::move(image)),
      index_(image_),
      sessions_(options_.session_timeout) {
  CHECK(options_.num_partitions > 0);
  CHECK(options_.default_replication_factor > 0);
  for (const auto& [id, broker] : image_.brokers()) sessions_.expect(id, now);
  read_defaults();
}

Controller::Decision Controller::on_elected(Instant now) {
  Decision decision;
  auto& records = decision.records;
  if (image_.in_transaction()) {
    protocol::AbortTransactionRecord abort;
    abort.reason = "The controller that began it is gone.";
    records.emplace_back(std::move(abort));
  }
  if (!image_.features().contains(metadata_version)) begin_log(records);
  for (const auto& [id, broker] : image_.brokers()) sessions_.expect(id, now);
  if (options_.auto_leader_rebalance) {
    balance_at_ = now + options_.leader_imbalance_check_interval;
  }
  unclean_at_ = now;
  return decision;
}

void Controller::begin_log(std::vector<Record>& records) const {
  for (const auto& feature : supported_features()) {
    if (feature.initial == 0) continue;
    protocol::FeatureLevelRecord level;
    level.name = feature.name;
    level.feature_level = feature.initial;
    records.emplace_back(std::move(level));
  }
  pin_min_isr(records);
}

void Controller::apply(const Record& record) {
  const auto key_of = [](const auto& r) { return PartitionKey{r.topic_id, r.partition_id}; };
  const auto forget = [&](const auto& r) {
    const auto topic = image_.topic(r.topic_id);
    const auto* partition = topic ? topic->partition(r.partition_id) : nullptr;
    if (partition) index_.remove(key_of(r), *partition);
  };
  const auto learn = [&](const auto& r) {
    index_.add(key_of(r), *image_.topic(r.topic_id)->partition(r.partition_id));
  };
  match(
      record, [&](const protocol::PartitionRecord& r) { forget(r); },
      [&](const protocol::PartitionChangeRecord& r) { forget(r); },
      [&](const protocol::RemoveTopicRecord& r) { index_.remove(*image_.topic(r.topic_id)); },
      [&](const protocol::UnregisterBrokerRecord& r) { sessions_.forget(NodeId(r.broker_id)); },
      [](const auto&) {});
  image_.apply(record);
  match(
      record, [&](const protocol::PartitionRecord& r) { learn(r); },
      [&](const protocol::PartitionChangeRecord& r) { learn(r); },
      [&](const protocol::TopicRecord& r) { index_.add(*image_.topic(r.topic_id)); },
      [&](const protocol::AbortTransactionRecord&) { read_all(); },
      [&](const protocol::ClearElrRecord&) { read_all(); },
      [&](const protocol::ConfigRecord& r) {
        read_defaults();
        // Partitions without leader may get one at once.
        if (r.name == "unclean.leader.election.enable") unclean_at_ = Instant();
      },
      [](const auto&) {});
}

void Controller::read_all() {
  index_ = PartitionIndex(image_);
  read_defaults();
}

void Controller::read_defaults() {
  defaults_ = options_.settings;
  for (const auto& [name, value] : image_.settings({ResourceType::broker, ""})) {
    defaults_[name] = value;
  }
}

std::optional<ErrorCode> Controller::epoch_error(std::int32_t id, std::int64_t epoch) const {
  const auto* broker = image_.broker(NodeId(id));
  if (!broker) return ErrorCode::broker_id_not_registered;
  if (broker->epoch != epoch) return ErrorCode::stale_broker_epoch;
  return std::nullopt;
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

Controller::Decision Controller::answer(Ticket ticket, Reply reply) {
  Decision decision;
  decision.after_commit.push_back({ticket, std::move(reply)});
  return decision;
}

void Controller::pin_min_isr(std::vector<Record>& records) const {
  constexpr std::string_view name = "min.insync.replicas";
  for (const auto& [id, broker] : image_.brokers()) {
    const Resource own{ResourceType::broker, std::to_string(id.value)};
    if (!image_.settings(own).contains(name)) continue;
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(own.type);
    record.resource_name = own.name;
    record.name = name;
    record.value = std::nullopt;
    records.emplace_back(std::move(record));
  }
  if (image_.settings({ResourceType::broker, ""}).contains(name)) return;
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(ResourceType::broker);
  record.name = name;
  record.value = topic_value(name, {}, defaults_);
  records.emplace_back(std::move(record));
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

Controller::Decision Controller::allocate_producer_ids(
    Instant now, Ticket ticket, const protocol::AllocateProducerIdsRequest& request) {
  protocol::AllocateProducerIdsResponse response;
  if (const auto error = epoch_error(request.broker_id, request.broker_epoch)) {
    response.error_code = *error;
    return answer(ticket, std::move(response));
  }
  auto decision = allocate_producer_ids(now, ticket, NodeId(request.broker_id));
  response.producer_id_start = image_.next_producer_id().value;
  response.producer_id_len = static_cast<std::int32_t>(producer_id_block);
  decision.after_commit.front().reply = std::move(response);
  return decision;
}

}  // namespace trialog::metadata
