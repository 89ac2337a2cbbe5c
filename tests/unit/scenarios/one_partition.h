#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/metadata/image.h"
#include "core/metadata/records.h"

namespace trialog::scenarios::test {

/// A partition of "orders" on the brokers 1, 2 and 3, led by 1, as the metadata shows it.
class OnePartition {
 public:
  OnePartition() {
    for (const int id : {1, 2, 3}) registers(id);
    protocol::TopicRecord topic;
    topic.name = "orders";
    topic.topic_id = id_;
    image_.apply(topic);
    protocol::PartitionRecord record;
    record.partition_id = 0;
    record.topic_id = id_;
    record.replicas = record.isr = {1, 2, 3};
    record.leader = 1;
    record.leader_epoch = record.partition_epoch = 0;
    record.directories = {Uuid(), Uuid(), Uuid()};
    image_.apply(record);
  }

  OnePartition& registers(int id) {
    protocol::RegisterBrokerRecord record;
    record.broker_id = id;
    record.broker_epoch = image_.end().value;
    record.fenced = false;
    image_.apply(record);
    return *this;
  }
  OnePartition& fences(int id) {
    protocol::FenceBrokerRecord record;
    record.id = id;
    record.epoch = image_.broker(NodeId(id))->epoch;
    image_.apply(record);
    return *this;
  }
  OnePartition& in_sync(std::vector<std::int32_t> isr, std::optional<int> leader = std::nullopt) {
    protocol::PartitionChangeRecord record;
    record.partition_id = 0;
    record.topic_id = id_;
    record.isr = std::move(isr);
    if (leader) record.leader = *leader;
    image_.apply(record);
    return *this;
  }

  OnePartition& lies_on(std::vector<std::int32_t> replicas, std::vector<std::int32_t> adding = {}) {
    protocol::PartitionChangeRecord record;
    record.partition_id = 0;
    record.topic_id = id_;
    record.directories.emplace(replicas.size());
    record.replicas = std::move(replicas);
    record.adding_replicas = std::move(adding);
    image_.apply(record);
    return *this;
  }

  OnePartition& needs(int min_isr) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(metadata::ResourceType::topic);
    record.resource_name = "orders";
    record.name = "min.insync.replicas";
    record.value = std::to_string(min_isr);
    image_.apply(record);
    return *this;
  }

  std::shared_ptr<const metadata::Image> image() const {
    return std::make_shared<const metadata::Image>(image_);
  }

 private:
  Uuid id_ = *Uuid::parse("AAAAAAAAAAAAAAAAAAAAKg");
  metadata::Image image_;
};

}  // namespace trialog::scenarios::test
