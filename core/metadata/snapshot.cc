#include "core/base/check.h"
#include "core/metadata/image.h"

namespace trialog::metadata {
namespace {

std::vector<std::int32_t> numbers(const std::vector<NodeId>& ids) {
  std::vector<std::int32_t> result;
  result.reserve(ids.size());
  for (const auto id : ids) result.push_back(id.value);
  return result;
}

template <class Record>
void describe(const std::vector<BrokerEndpoint>& endpoints,
              const std::vector<FeatureRange>& features, Record& record) {
  for (const auto& from : endpoints) {
    auto& to = record.end_points.emplace_back();
    to.name = from.name;
    to.host = from.host;
    to.port = from.port;
    to.security_protocol = from.security_protocol;
  }
  for (const auto& from : features) {
    auto& to = record.features.emplace_back();
    to.name = from.name;
    to.min_supported_version = from.min;
    to.max_supported_version = from.max;
  }
}

protocol::RegisterBrokerRecord record_of(const Broker& broker) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = broker.id.value;
  record.incarnation_id = broker.incarnation;
  record.broker_epoch = broker.epoch;
  describe(broker.endpoints, broker.features, record);
  record.rack = broker.rack;
  record.fenced = broker.fenced;
  record.in_controlled_shutdown = broker.in_controlled_shutdown;
  record.log_dirs = broker.log_dirs;
  return record;
}

protocol::RegisterControllerRecord record_of(const QuorumController& controller) {
  protocol::RegisterControllerRecord record;
  record.controller_id = controller.id.value;
  record.incarnation_id = controller.incarnation;
  describe(controller.endpoints, controller.features, record);
  return record;
}

protocol::PartitionRecord record_of(const Uuid& topic, std::int32_t index,
                                    const Partition& partition) {
  protocol::PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = numbers(partition.replicas);
  record.isr = numbers(partition.isr);
  record.removing_replicas = numbers(partition.removing);
  record.adding_replicas = numbers(partition.adding);
  record.leader = partition.leader.value;
  record.leader_recovery_state = partition.recovering ? 1 : 0;
  record.leader_epoch = partition.leader_epoch.value;
  record.partition_epoch = partition.partition_epoch;
  record.directories = partition.directories;
  if (!partition.eligible.empty()) record.eligible_leader_replicas = numbers(partition.eligible);
  if (!partition.last_known.empty()) record.last_known_elr = numbers(partition.last_known);
  return record;
}

void add_topic(const Topic& topic, std::vector<Record>& records) {
  protocol::TopicRecord record;
  record.name = topic.name;
  record.topic_id = topic.id;
  records.emplace_back(std::move(record));
  for (const auto& [index, partition] : topic.partitions) {
    records.emplace_back(record_of(topic.id, index, partition));
  }
}

void add_settings(const Resource& resource, const Settings& settings,
                  std::vector<Record>& records) {
  for (const auto& [name, value] : settings) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(resource.type);
    record.resource_name = resource.name;
    record.name = name;
    record.value = value;
    records.emplace_back(std::move(record));
  }
}

}  // namespace

std::vector<Record> records_of(const Image& image) {
  CHECK(!image.in_transaction());
  std::vector<Record> records;
  for (const auto& [name, level] : image.features()) {
    protocol::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records.emplace_back(std::move(record));
  }
  for (const auto& [id, broker] : image.brokers()) records.emplace_back(record_of(broker));
  for (const auto& [id, node] : image.controllers()) records.emplace_back(record_of(node));
  for (const auto& [name, topic] : image.topics()) add_topic(*topic, records);
  for (const auto& [resource, settings] : image.configs_) {
    add_settings(resource, *settings, records);
  }
  if (image.next_producer_id() != ProducerId(0)) {
    protocol::ProducerIdsRecord record;
    record.broker_id = -1;
    record.next_producer_id = image.next_producer_id().value;
    records.emplace_back(record);
  }
  return records;
}

}  // namespace trialog::metadata
