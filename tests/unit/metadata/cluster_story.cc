#include "tests/unit/metadata/cluster_story.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/metadata/features.h"
#include "tests/unit/metadata/story.h"

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

Uuid ClusterStory::directory(std::uint64_t number) { return Story::directory(number); }

Controller::Reply ClusterStory::decide(Controller::Decision decision) {
  CHECK(decision.at_once.empty());
  for (const auto& record : decision.records) {
    log_.push_back(encode_record(record));
    CHECK(controller_.image().problem(record).empty());
    controller_.apply(record);
  }
  if (decision.after_commit.empty()) return {};
  CHECK(decision.after_commit.size() == 1);
  return std::move(decision.after_commit.front().reply);
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

void ClusterStory::fails_over() {
  Image image = replayed();
  auto options = options_;
  options.random = Random(99);
  controller_ = Controller(options, std::move(image), controller_.epoch().next(), now_);
  decide(controller_.on_elected(now_));
}

Uuid ClusterStory::creates(const std::string& name,
                           std::vector<std::vector<std::int32_t>> replicas) {
  const auto request = create({assigned(name, std::move(replicas))});
  const auto response = asks<protocol::CreateTopicsResponse>(&Controller::create_topics, request);
  EXPECT_EQ(said(response.topics.at(0)), "NONE");
  return response.topics.at(0).topic_id;
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
  const auto response = asks<protocol::IncrementalAlterConfigsResponse>(
      &Controller::incremental_alter_configs, request);
  EXPECT_EQ(said(response.responses.at(0)), "NONE");
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

}  // namespace trialog::metadata::test
