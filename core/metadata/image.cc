#include "core/metadata/image.h"

#include <algorithm>
#include <concepts>

#include "core/base/check.h"
#include "core/base/match.h"

namespace trialog::metadata {
namespace {

/// The section for changing: this image's own, copied if another shares it.
template <class T>
T& own(std::shared_ptr<T>& section) {
  if (section.use_count() != 1) section = std::make_shared<T>(*section);
  return *section;
}

std::vector<NodeId> nodes(const std::vector<std::int32_t>& ids) {
  std::vector<NodeId> result;
  result.reserve(ids.size());
  for (const auto id : ids) result.emplace_back(id);
  return result;
}

Partition partition_of(const protocol::PartitionRecord& record) {
  Partition partition;
  partition.replicas = nodes(record.replicas);
  partition.isr = nodes(record.isr);
  partition.adding = nodes(record.adding_replicas);
  partition.removing = nodes(record.removing_replicas);
  if (record.eligible_leader_replicas) partition.eligible = nodes(*record.eligible_leader_replicas);
  if (record.last_known_elr) partition.last_known = nodes(*record.last_known_elr);
  partition.directories = record.directories;
  partition.directories.resize(partition.replicas.size());  // Version 0 has none.
  partition.leader = NodeId(record.leader);
  partition.leader_epoch = Epoch(record.leader_epoch);
  partition.partition_epoch = record.partition_epoch;
  partition.recovering = record.leader_recovery_state == 1;
  return partition;
}

template <class Endpoints>
std::vector<BrokerEndpoint> endpoints_of(const Endpoints& endpoints) {
  std::vector<BrokerEndpoint> result;
  for (const auto& from : endpoints) {
    result.push_back({from.name, from.host, from.port, from.security_protocol});
  }
  return result;
}

template <class Features>
std::vector<FeatureRange> ranges_of(const Features& features) {
  std::vector<FeatureRange> result;
  for (const auto& from : features) {
    result.push_back({from.name, from.min_supported_version, from.max_supported_version});
  }
  return result;
}

/// The directories of `replicas`, where they stay what they were.
std::vector<Uuid> kept_directories(const Partition& partition,
                                   const std::vector<NodeId>& replicas) {
  std::vector<Uuid> result;
  for (const auto id : replicas) {
    const auto found = std::ranges::find(partition.replicas, id);
    const auto at = static_cast<std::size_t>(found - partition.replicas.begin());
    result.push_back(found == partition.replicas.end() ? Uuid() : partition.directories[at]);
  }
  return result;
}

constexpr std::int32_t leader_unchanged = -2;

}  // namespace

const BrokerEndpoint* Broker::endpoint(std::string_view listener) const {
  const auto found = std::ranges::find(endpoints, listener, &BrokerEndpoint::name);
  return found == endpoints.end() ? nullptr : &*found;
}

const Partition* Topic::partition(std::int32_t index) const {
  const auto found = partitions.find(index);
  return found == partitions.end() ? nullptr : &found->second;
}

Image::Image()
    : brokers_(std::make_shared<Brokers>()),
      controllers_(std::make_shared<Controllers>()),
      features_(std::make_shared<Features>()) {}

const Broker* Image::broker(NodeId id) const {
  const auto found = brokers_->find(id);
  return found == brokers_->end() ? nullptr : &found->second;
}

std::shared_ptr<const Topic> Image::topic(std::string_view name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second;
}

std::shared_ptr<const Topic> Image::topic(const Uuid& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : topic(found->second);
}

const Partition* Image::partition(std::string_view topic_name, std::int32_t index) const {
  const auto found = topics_.find(topic_name);
  return found == topics_.end() ? nullptr : found->second->partition(index);
}

const Settings& Image::settings(const Resource& resource) const {
  static const Settings none;
  const auto found = configs_.find(resource);
  return found == configs_.end() ? none : *found->second;
}

std::int16_t Image::feature(std::string_view name) const {
  const auto found = features_->find(name);
  return found == features_->end() ? std::int16_t{0} : found->second;
}

Settings Image::broker_settings(NodeId id, const Settings& file) const {
  Settings result = file;
  for (const auto& name : {std::string(), std::to_string(id.value)}) {
    for (const auto& [key, value] : settings({ResourceType::broker, name})) result[key] = value;
  }
  return result;
}

std::string Image::problem(const Record& record) const {
  const auto of_broker = [this](std::int32_t id) {
    return broker(NodeId(id)) ? std::string() : "no broker " + std::to_string(id);
  };
  const auto of_topic = [this](const Uuid& id) {
    return topic(id) ? std::string() : "no topic with id " + id.text();
  };
  return match(
      record, [&](const protocol::UnregisterBrokerRecord& r) { return of_broker(r.broker_id); },
      [&](const protocol::FenceBrokerRecord& r) { return of_broker(r.id); },
      [&](const protocol::UnfenceBrokerRecord& r) { return of_broker(r.id); },
      [&](const protocol::BrokerRegistrationChangeRecord& r) { return of_broker(r.broker_id); },
      [&](const protocol::TopicRecord& r) {
        const bool taken = topic(r.name) || topic(r.topic_id);
        return taken ? "there is a topic " + r.name + " or its id already" : std::string();
      },
      [&](const protocol::PartitionRecord& r) { return of_topic(r.topic_id); },
      [&](const protocol::PartitionChangeRecord& r) {
        const auto known = topic(r.topic_id);
        if (!known || known->partition(r.partition_id)) return of_topic(r.topic_id);
        return "no partition " + known->name + "-" + std::to_string(r.partition_id);
      },
      [&](const protocol::RemoveTopicRecord& r) { return of_topic(r.topic_id); },
      [&](const protocol::BeginTransactionRecord&) {
        return std::string(before_ ? "a transaction in a transaction" : "");
      },
      [&](const protocol::EndTransactionRecord&) {
        return std::string(before_ ? "" : "the end of no transaction");
      },
      [&](const protocol::AbortTransactionRecord&) {
        return std::string(before_ ? "" : "the end of no transaction");
      },
      [](const auto&) { return std::string(); });
}

void Image::apply(const Record& record) {
  CHECK(problem(record).empty());
  std::visit(
      [this]<class R>(const R& r) {
        if constexpr (requires { change(r); }) change(r);
      },
      record);
  end_ = end_ + 1;
}

void Image::skip_to(Offset end) {
  CHECK(end >= end_);
  end_ = end;
}

void Image::change(const protocol::RegisterBrokerRecord& record) {
  Broker broker;
  broker.id = NodeId(record.broker_id);
  broker.epoch = record.broker_epoch;
  broker.incarnation = record.incarnation_id;
  broker.endpoints = endpoints_of(record.end_points);
  broker.features = ranges_of(record.features);
  broker.rack = record.rack;
  broker.log_dirs = record.log_dirs;
  broker.fenced = record.fenced;
  broker.in_controlled_shutdown = record.in_controlled_shutdown;
  own(brokers_)[broker.id] = std::move(broker);
}

void Image::change(const protocol::UnregisterBrokerRecord& record) {
  own(brokers_).erase(NodeId(record.broker_id));
}

void Image::change(const protocol::FenceBrokerRecord& record) {
  own_broker(NodeId(record.id)).fenced = true;
}

void Image::change(const protocol::UnfenceBrokerRecord& record) {
  own_broker(NodeId(record.id)).fenced = false;
}

void Image::change(const protocol::BrokerRegistrationChangeRecord& record) {
  auto& broker = own_broker(NodeId(record.broker_id));
  if (record.fenced != 0) broker.fenced = record.fenced > 0;
  if (record.in_controlled_shutdown != 0) broker.in_controlled_shutdown = true;
  if (!record.log_dirs.empty()) broker.log_dirs = record.log_dirs;
}

void Image::change(const protocol::TopicRecord& record) {
  auto made = std::make_shared<Topic>();
  made->name = record.name;
  made->id = record.topic_id;
  topics_.edit(record.name) = std::move(made);
  names_.edit(record.topic_id) = record.name;
}

void Image::change(const protocol::PartitionRecord& record) {
  own_topic(record.topic_id).partitions.edit(record.partition_id) = partition_of(record);
}

void Image::change(const protocol::PartitionChangeRecord& record) {
  auto& partition = own_topic(record.topic_id).partitions.edit(record.partition_id);
  const auto replace = [](std::vector<NodeId>& part, const auto& by) {
    if (by) part = nodes(*by);
  };
  if (record.replicas) {
    partition.directories = kept_directories(partition, nodes(*record.replicas));
  }
  replace(partition.replicas, record.replicas);
  replace(partition.isr, record.isr);
  replace(partition.adding, record.adding_replicas);
  replace(partition.removing, record.removing_replicas);
  replace(partition.eligible, record.eligible_leader_replicas);
  replace(partition.last_known, record.last_known_elr);
  if (record.directories) partition.directories = *record.directories;
  partition.directories.resize(partition.replicas.size());
  if (record.leader_recovery_state >= 0) partition.recovering = record.leader_recovery_state == 1;
  if (record.leader != leader_unchanged) {
    partition.leader = NodeId(record.leader);
    partition.leader_epoch = partition.leader_epoch.next();
  }
  ++partition.partition_epoch;
}

void Image::change(const protocol::RemoveTopicRecord& record) {
  const std::string name = names_.at(record.topic_id);
  names_.erase(record.topic_id);
  topics_.erase(name);
  configs_.erase(Resource{ResourceType::topic, name});
}

void Image::change(const protocol::ConfigRecord& record) {
  const Resource resource{static_cast<ResourceType>(record.resource_type), record.resource_name};
  auto changed = std::make_shared<Settings>(settings(resource));
  if (record.value) {
    changed->insert_or_assign(record.name, *record.value);
  } else {
    changed->erase(record.name);
  }
  if (changed->empty()) {
    configs_.erase(resource);
  } else {
    configs_.edit(resource) = std::move(changed);
  }
}

void Image::change(const protocol::FeatureLevelRecord& record) {
  auto& features = own(features_);
  if (record.feature_level == 0) {
    features.erase(record.name);
  } else {
    features[record.name] = record.feature_level;
  }
}

void Image::change(const protocol::ProducerIdsRecord& record) {
  // A log of Kafka's tells how far it has come, in which case a lower number would be a repetition.
  next_producer_id_ = std::max(next_producer_id_, ProducerId(record.next_producer_id));
}

void Image::change(const protocol::BeginTransactionRecord&) {
  before_ = std::make_shared<const Image>(*this);
}

void Image::change(const protocol::EndTransactionRecord&) { before_.reset(); }

void Image::change(const protocol::AbortTransactionRecord&) {
  const Offset end = end_;
  const auto before = std::move(before_);
  *this = *before;
  end_ = end;
}

void Image::change(const protocol::RegisterControllerRecord& record) {
  auto& controller = own(controllers_)[NodeId(record.controller_id)];
  controller.id = NodeId(record.controller_id);
  controller.incarnation = record.incarnation_id;
  controller.endpoints = endpoints_of(record.end_points);
  controller.features = ranges_of(record.features);
}

void Image::change(const protocol::ClearElrRecord& record) {
  std::vector<Uuid> topics;
  for (const auto& [name, topic] : topics_) {
    if (record.topic_name.empty() || record.topic_name == name) topics.push_back(topic->id);
  }
  for (const auto& id : topics) {
    std::vector<std::int32_t> indexes;
    for (const auto& [index, partition] : topic(id)->partitions) {
      const bool none = partition.eligible.empty() && partition.last_known.empty();
      if (!none) indexes.push_back(index);
    }
    for (const auto index : indexes) {
      auto& partition = own_topic(id).partitions.edit(index);
      partition.eligible.clear();
      partition.last_known.clear();
      ++partition.partition_epoch;
    }
  }
}

Broker& Image::own_broker(NodeId id) { return own(brokers_).at(id); }

Topic& Image::own_topic(const Uuid& id) {
  auto& topic = topics_.edit(names_.at(id));
  if (topic.use_count() != 1) topic = std::make_shared<Topic>(*topic);
  return const_cast<Topic&>(*topic);  // Made by this class as a plain `Topic`, and ours alone.
}

bool operator==(const Image& a, const Image& b) {
  const auto same = [](const auto& x, const auto& y) {
    return x.first == y.first && *x.second == *y.second;
  };
  return a.end_ == b.end_ && a.in_transaction() == b.in_transaction() &&
         a.next_producer_id_ == b.next_producer_id_ && *a.brokers_ == *b.brokers_ &&
         *a.controllers_ == *b.controllers_ && *a.features_ == *b.features_ &&
         a.names_ == b.names_ && std::ranges::equal(a.topics(), b.topics(), same) &&
         std::ranges::equal(a.configs_, b.configs_, same);
}

}  // namespace trialog::metadata
