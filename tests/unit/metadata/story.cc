#include "tests/unit/metadata/story.h"

#include <gtest/gtest.h>

#include "core/base/check.h"

namespace trialog::metadata::test {

Story::Story(ControllerOptions options, bool registered)
    : options_(options), controller_(std::move(options)) {
  if (registered) joins(1);
}

ControllerOptions Story::defaults() {
  ControllerOptions options;
  options.self = NodeId(1);
  options.random = Random(7);
  return options;
}

Uuid Story::directory(std::uint64_t number) {
  Random random(number);
  return Uuid::random(random);
}

template <class Reply, class Decide>
Reply Story::decide(Decide decide) {
  const Ticket ticket(++tickets_);
  auto decision = decide(Instant(), ticket);
  for (auto& record : decision.records) finds(std::move(record));
  CHECK(decision.at_once.empty());
  CHECK(decision.after_commit.size() == 1);
  CHECK(decision.after_commit.front().to == ticket);
  return std::get<Reply>(std::move(decision.after_commit.front().reply));
}

void Story::finds(Record record) {
  log_.push_back(encode_record(record));
  controller_.apply(record);
}

Registered Story::joins(std::int32_t broker, std::vector<Uuid> log_dirs) {
  Registration registration;
  registration.id = NodeId(broker);
  registration.incarnation = directory(1000 + ++incarnations_);
  registration.endpoints.push_back({"PLAINTEXT", "host", 9092, 0});
  registration.log_dirs = std::move(log_dirs);
  return decide<Registered>([&](Instant now, Ticket ticket) {
    return controller_.register_broker(now, ticket, registration);
  });
}

void Story::fences(std::int32_t broker) {
  protocol::FenceBrokerRecord record;
  record.id = broker;
  finds(record);
}

protocol::CreateTopicsResponse Story::asks(const protocol::CreateTopicsRequest& request) {
  return decide<protocol::CreateTopicsResponse>(
      [&](Instant now, Ticket ticket) { return controller_.create_topics(now, ticket, request); });
}

protocol::DeleteTopicsResponse Story::asks(const protocol::DeleteTopicsRequest& request) {
  return decide<protocol::DeleteTopicsResponse>(
      [&](Instant now, Ticket ticket) { return controller_.delete_topics(now, ticket, request); });
}

protocol::CreatePartitionsResponse Story::asks(const protocol::CreatePartitionsRequest& request) {
  return decide<protocol::CreatePartitionsResponse>([&](Instant now, Ticket ticket) {
    return controller_.create_partitions(now, ticket, request);
  });
}

protocol::AlterConfigsResponse Story::asks(const protocol::AlterConfigsRequest& request) {
  return decide<protocol::AlterConfigsResponse>(
      [&](Instant now, Ticket ticket) { return controller_.alter_configs(now, ticket, request); });
}

protocol::IncrementalAlterConfigsResponse Story::asks(
    const protocol::IncrementalAlterConfigsRequest& request) {
  return decide<protocol::IncrementalAlterConfigsResponse>([&](Instant now, Ticket ticket) {
    return controller_.incremental_alter_configs(now, ticket, request);
  });
}

protocol::CreateTopicsResponse Story::asks_for(const std::vector<std::string>& names) {
  return decide<protocol::CreateTopicsResponse>(
      [&](Instant now, Ticket ticket) { return controller_.auto_create(now, ticket, names); });
}

ProducerIds Story::producer_ids(std::int32_t broker) {
  return decide<ProducerIds>([&](Instant now, Ticket ticket) {
    return controller_.allocate_producer_ids(now, ticket, NodeId(broker));
  });
}

Uuid Story::creates(const std::string& name, std::int32_t partitions, std::int16_t replicas) {
  const auto response = asks(create({topic(name, partitions, replicas)}));
  EXPECT_EQ(said(response.topics.at(0)), "NONE");
  return response.topics.at(0).topic_id;
}

void Story::deletes(const std::string& name) {
  protocol::DeleteTopicsRequest request;
  request.topic_names.push_back(name);
  EXPECT_EQ(said(asks(request).responses.at(0)), "NONE");
}

Image Story::replayed() const {
  Image image;
  for (const auto& value : log_) {
    const auto record = decode_record(value);
    CHECK(record.has_value() && record->has_value());
    CHECK(image.problem(**record).empty());
    image.apply(**record);
  }
  return image;
}

Story Story::restarted(std::uint64_t seed) const {
  auto options = options_;
  options.random = Random(seed);
  Story next(std::move(options), false);
  for (const auto& value : log_) next.finds(**decode_record(value));
  return next;
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
