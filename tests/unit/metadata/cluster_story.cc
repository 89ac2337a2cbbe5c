#include "tests/unit/metadata/cluster_story.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/metadata/features.h"

namespace trialog::metadata::test {
namespace {

std::string list(const std::vector<NodeId>& ids) {
  std::vector<std::int32_t> numbers;
  for (const auto id : ids) numbers.push_back(id.value);
  return fmt::format("{}", fmt::join(numbers, ","));
}

}  // namespace

ClusterStory::ClusterStory(int brokers, ControllerOptions options)
    : options_(options), controller_(std::move(options), Image(), Epoch(1), now_) {
  decide(controller_.on_elected(now_));
  for (int id = 1; id <= brokers; ++id) joins(id);
}

ControllerOptions ClusterStory::defaults() {
  ControllerOptions options;
  options.self = NodeId(1);
  options.cluster_id = "the cluster";
  options.random = Random(7);
  return options;
}

Uuid ClusterStory::directory(std::uint64_t number) {
  Random random(number);
  return Uuid::random(random);
}

Controller::Reply ClusterStory::decide(Controller::Decision decision) {
  CHECK(decision.at_once.empty());
  for (const auto& record : decision.records) finds(record);
  if (decision.after_commit.empty()) return {};
  CHECK(decision.after_commit.size() == 1);
  return std::move(decision.after_commit.front().reply);
}

void ClusterStory::finds(const Record& record) {
  log_.push_back(encode_record(record));
  CHECK(controller_.image().problem(record).empty());
  controller_.apply(record);
}

void ClusterStory::fences(std::int32_t broker) {
  protocol::FenceBrokerRecord record;
  record.id = broker;
  finds(record);
}

protocol::BrokerRegistrationRequest ClusterStory::registration(std::int32_t broker) {
  protocol::BrokerRegistrationRequest request;
  request.broker_id = broker;
  request.cluster_id = "the cluster";
  request.incarnation_id = directory(1000 + ++incarnations_);
  auto& listener = request.listeners.emplace_back();
  listener.name = "PLAINTEXT";
  listener.host = "host" + std::to_string(broker);
  listener.port = 9092;
  for (const auto& feature : supported_features()) {
    auto& range = request.features.emplace_back();
    range.name = feature.name;
    range.min_supported_version = feature.min;
    range.max_supported_version = feature.max;
  }
  request.rack = std::nullopt;
  request.log_dirs = {directory(static_cast<std::uint64_t>(broker))};
  return request;
}

protocol::BrokerRegistrationResponse ClusterStory::asks(
    const protocol::BrokerRegistrationRequest& request) {
  return asks<protocol::BrokerRegistrationResponse>(&Controller::broker_registration, request);
}

std::int64_t ClusterStory::registers(std::int32_t id, bool clean) {
  auto request = registration(id);
  if (clean) request.previous_broker_epoch = broker(id).epoch;
  const auto response = asks(request);
  EXPECT_EQ(error_name(response.error_code), "NONE");
  return response.broker_epoch;
}

void ClusterStory::joins(std::int32_t id, bool clean, std::optional<std::string> rack) {
  auto request = registration(id);
  if (clean) request.previous_broker_epoch = broker(id).epoch;
  request.rack = std::move(rack);
  EXPECT_EQ(error_name(asks(request).error_code), "NONE");
  EXPECT_FALSE(beats(id).is_fenced);
}

protocol::BrokerHeartbeatRequest ClusterStory::heartbeat(std::int32_t id) const {
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = id;
  request.broker_epoch = broker(id).epoch;
  request.current_metadata_offset = image().end().value - 1;
  return request;
}

protocol::BrokerHeartbeatResponse ClusterStory::asks(
    const protocol::BrokerHeartbeatRequest& request) {
  return asks<protocol::BrokerHeartbeatResponse>(&Controller::broker_heartbeat, request);
}

protocol::BrokerHeartbeatResponse ClusterStory::wants_to_go(std::int32_t id) {
  auto request = heartbeat(id);
  request.want_shut_down = true;
  return asks(request);
}

void ClusterStory::passes(Duration time, const std::vector<std::int32_t>& silent) {
  const auto until = now_ + time;
  while (now_ < until) {
    now_ = std::min(now_ + seconds(2), until);
    for (const auto& [id, known] : Image(image()).brokers()) {
      const bool beating = std::ranges::find(silent, id.value) == silent.end() && !known.fenced;
      if (beating) beats(id.value);
    }
    happens();
  }
}

void ClusterStory::happens() {
  for (int i = 0; controller_.deadline() <= now_; ++i) {
    CHECK(i < 100);
    decide(controller_.on_time(now_));
  }
}

void ClusterStory::dies(std::int32_t id) {
  passes(options_.session_timeout, {id});
  EXPECT_TRUE(broker(id).fenced);
}

void ClusterStory::fails_over(std::uint64_t seed) {
  Image image = replayed();
  auto options = options_;
  options.random = Random(seed);
  controller_ = Controller(options, std::move(image), controller_.epoch().next(), now_);
  decide(controller_.on_elected(now_));
}

protocol::CreateTopicsResponse ClusterStory::asks(const protocol::CreateTopicsRequest& request) {
  return asks<protocol::CreateTopicsResponse>(&Controller::create_topics, request);
}

protocol::DeleteTopicsResponse ClusterStory::asks(const protocol::DeleteTopicsRequest& request) {
  return asks<protocol::DeleteTopicsResponse>(&Controller::delete_topics, request);
}

protocol::CreatePartitionsResponse ClusterStory::asks(
    const protocol::CreatePartitionsRequest& request) {
  return asks<protocol::CreatePartitionsResponse>(&Controller::create_partitions, request);
}

protocol::AlterConfigsResponse ClusterStory::asks(const protocol::AlterConfigsRequest& request) {
  return asks<protocol::AlterConfigsResponse>(&Controller::alter_configs, request);
}

protocol::IncrementalAlterConfigsResponse ClusterStory::asks(
    const protocol::IncrementalAlterConfigsRequest& request) {
  return asks<protocol::IncrementalAlterConfigsResponse>(&Controller::incremental_alter_configs,
                                                         request);
}

protocol::AllocateProducerIdsResponse ClusterStory::producer_ids() {
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = 1;
  request.broker_epoch = broker(1).epoch;
  return asks<protocol::AllocateProducerIdsResponse>(&Controller::allocate_producer_ids, request);
}

Uuid ClusterStory::creates(const std::string& name, std::int32_t partitions,
                           std::int16_t replicas) {
  return made(topic(name, partitions, replicas));
}

Uuid ClusterStory::creates(const std::string& name,
                           std::vector<std::vector<std::int32_t>> replicas) {
  return made(assigned(name, std::move(replicas)));
}

Uuid ClusterStory::made(NewTopic topic) {
  const auto response = asks(create({std::move(topic)}));
  EXPECT_EQ(said(response.topics.at(0)), "NONE");
  return response.topics.at(0).topic_id;
}

void ClusterStory::deletes(const std::string& name) {
  protocol::DeleteTopicsRequest request;
  request.topic_names.push_back(name);
  EXPECT_EQ(said(asks(request).responses.at(0)), "NONE");
}

void ClusterStory::sets(ResourceType type, const std::string& resource, const std::string& name,
                        std::optional<std::string> value) {
  protocol::IncrementalAlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = static_cast<std::int8_t>(type);
  asked.resource_name = resource;
  auto& config = asked.configs.emplace_back();
  config.name = name;
  config.config_operation = value ? 0 : 1;
  config.value = std::move(value);
  EXPECT_EQ(said(asks(request).responses.at(0)), "NONE");
}

protocol::AlterPartitionRequest ClusterStory::proposal(const std::string& topic,
                                                       const std::vector<std::int32_t>& isr,
                                                       std::int32_t index) const {
  const auto& known = partition(topic, index);
  protocol::AlterPartitionRequest request;
  request.broker_id = known.leader.value;
  const auto* leader = image().broker(known.leader);
  request.broker_epoch = leader ? leader->epoch : -1;
  auto& data = request.topics.emplace_back();
  data.topic_id = image().topic(topic)->id;
  auto& asked = data.partitions.emplace_back();
  asked.partition_index = index;
  asked.leader_epoch = known.leader_epoch.value;
  asked.partition_epoch = known.partition_epoch;
  for (const auto id : isr) {
    auto& state = asked.new_isr_with_epochs.emplace_back();
    state.broker_id = id;
    const auto* member = image().broker(NodeId(id));
    state.broker_epoch = member ? member->epoch : -1;
  }
  return request;
}

protocol::AlterPartitionResponse::PartitionData ClusterStory::proposes(
    const protocol::AlterPartitionRequest& request) {
  const auto response =
      asks<protocol::AlterPartitionResponse>(&Controller::alter_partition, request);
  EXPECT_EQ(error_name(response.error_code), "NONE");
  return response.topics.at(0).partitions.at(0);
}

ErrorCode ClusterStory::shrinks_or_grows(const std::string& topic,
                                         const std::vector<std::int32_t>& isr, std::int32_t index) {
  return proposes(proposal(topic, isr, index)).error_code;
}

std::string ClusterStory::shape(const std::string& topic, std::int32_t index) const {
  const auto& known = partition(topic, index);
  auto text =
      known.leader == no_leader ? "no leader" : fmt::format("leader {}", known.leader.value);
  text += fmt::format(" isr {}", list(known.isr));
  const auto add = [&text](std::string_view what, const std::vector<NodeId>& ids) {
    if (!ids.empty()) text += fmt::format(" {} {}", what, list(ids));
  };
  add("eligible", known.eligible);
  add("last known", known.last_known);
  add("adding", known.adding);
  add("removing", known.removing);
  if (known.recovering) text += " recovering";
  return text;
}

const Partition& ClusterStory::partition(const std::string& topic, std::int32_t index) const {
  const auto* found = image().partition(topic, index);
  CHECK(found != nullptr);
  return *found;
}

const Broker& ClusterStory::broker(std::int32_t id) const {
  const auto* found = image().broker(NodeId(id));
  CHECK(found != nullptr);
  return *found;
}

Image ClusterStory::replayed() const {
  Image image;
  for (const auto& value : log_) {
    const auto record = decode_record(value);
    CHECK(record.has_value() && record->has_value());
    CHECK(image.problem(**record).empty());
    image.apply(**record);
  }
  return image;
}

NewTopic topic(std::string name, std::int32_t partitions, std::int16_t replicas) {
  NewTopic made;
  made.name = std::move(name);
  made.num_partitions = partitions;
  made.replication_factor = replicas;
  return made;
}

NewTopic assigned(std::string name, std::vector<std::vector<std::int32_t>> replicas) {
  auto made = topic(std::move(name), -1, -1);
  for (auto& ids : replicas) {
    protocol::CreateTopicsRequest::CreatableReplicaAssignment assignment;
    assignment.partition_index = static_cast<std::int32_t>(made.assignments.size());
    assignment.broker_ids = std::move(ids);
    made.assignments.push_back(std::move(assignment));
  }
  return made;
}

NewTopic with(NewTopic made, std::string name, std::optional<std::string> value) {
  protocol::CreateTopicsRequest::CreatableTopicConfig config;
  config.name = std::move(name);
  config.value = std::move(value);
  made.configs.push_back(std::move(config));
  return made;
}

protocol::CreateTopicsRequest create(std::vector<NewTopic> topics, bool validate_only) {
  protocol::CreateTopicsRequest request;
  request.topics = std::move(topics);
  request.validate_only = validate_only;
  return request;
}

std::string said(ErrorCode code, const std::optional<std::string>& text) {
  return std::string(error_name(code)) + (text ? ": " + *text : "");
}

}  // namespace trialog::metadata::test
