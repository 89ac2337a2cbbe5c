#include "tests/unit/metadata/host_story.h"

#include <gtest/gtest.h>

#include "core/base/check.h"
#include "core/metadata/features.h"
#include "core/records/build.h"

namespace trialog::replication::test {
namespace {

log::Options log_options(const metadata::Settings& topic, const metadata::Settings& broker) {
  log::Options options;
  const auto number = [&](std::string_view name, std::int64_t& into) {
    const auto value = metadata::topic_value(name, topic, broker);
    into = metadata::integer_value(value.value_or("")).value_or(into);
  };
  number("segment.bytes", options.segment_bytes);
  number("retention.ms", options.retention_ms);
  return options;
}

}  // namespace

records::Batch one_record() {
  records::BatchOptions options;
  records::BatchBuilder builder(options);
  builder.add(wall_time(1'000), "key", "value");
  return builder.build();
}

HostStory::HostStory(std::uint64_t seed, std::vector<std::string> directories)
    : node_(seed), paths_(std::move(directories)) {
  const auto started = starts();
  EXPECT_TRUE(started.has_value()) << started.error().what();
}

HostStory::~HostStory() { forgets(); }

void HostStory::ends() {
  producer_ids_.reset();
  metadata_.reset();
  replicas_.reset();
  isr_channel_.reset();
  channel_.reset();
  quorum_.reset();
  brokers_.reset();
  news_of_brokers_.reset();
}

void HostStory::forgets() {
  ends();
  directories_.clear();
}

void HostStory::crashes() {
  forgets();
  node_.crash();
  const auto started = starts();
  EXPECT_TRUE(started.has_value()) << started.error().what();
}

void HostStory::stops() {
  ends();
  for (auto& directory : directories_) {
    EXPECT_TRUE(node_.run(directory->close()).has_value());
  }
  forgets();
  node_.reboot();
}

Status HostStory::opens(const std::string& path) {
  log::DirectoryIdentity identity;
  identity.node_id = 1;
  if (!directories_.empty()) identity.cluster_id = directories_[0]->identity().cluster_id;
  auto opened = node_.run(
      log::LogDirectory::open(node_.env(), path, identity, [](const TopicPartition& partition) {
        return partition == metadata_partition() ? metadata_log_options() : log::Options();
      }));
  if (!opened) return failure(opened.error());
  directories_.push_back(std::move(*opened));
  return {};
}

Status HostStory::loads() {
  for (const auto& path : paths_) {
    if (auto opened = opens(path); !opened) return opened;
  }
  auto log = directory().find(metadata_partition());
  if (!log) log = *node_.run(directory().create(metadata_partition(), metadata_topic_id()));
  QuorumOptions voter;
  voter.self = NodeId(1);
  voter.cluster_id = directory().identity().cluster_id;
  voter.directory = *Uuid::parse(directory().identity().directory_id);
  voter.static_voters.emplace_back().id = NodeId(1);
  quorum_ = std::make_unique<MetadataQuorum>(node_.env(), voter, log, paths_.front());
  if (auto loaded = node_.run(quorum_->load()); !loaded) return loaded;
  metadata::ControllerOptions options;
  options.self = NodeId(1);
  metadata_ = std::make_unique<MetadataHost>(
      node_.env(), *quorum_, options, MetadataHost::SnapshotLimits(),
      [this](MetadataHost::ImagePtr image) { return replicas_->apply(std::move(image)); });
  channel_ = std::make_unique<ControllerChannel>(node_.env(), *quorum_, *metadata_, seconds(2));
  isr_channel_ = std::make_unique<ControllerIsrChannel>(node_.env(), *channel_, seconds(2));
  news_of_brokers_ = std::make_unique<Signal>(node_.env().executor);
  brokers_ = std::make_unique<client::ConnectionPool>(node_.env(), to_brokers_, *news_of_brokers_);
  std::vector<log::LogDirectory*> directories;
  for (const auto& each : directories_) directories.push_back(each.get());
  replicas_ =
      std::make_unique<ReplicaHost>(node_.env(), directories, ReplicaOptions{.self = NodeId(1)},
                                    metadata::Settings(), &log_options, *brokers_, *isr_channel_);
  producer_ids_ = std::make_unique<ProducerIds>(
      node_.env(), *channel_, NodeId(1), [this] { return broker_epoch_; }, seconds(5));
  metadata_->start();
  return node_.run(metadata_->caught_up());
}

Status HostStory::starts() {
  if (auto loaded = loads(); !loaded) return loaded;
  protocol::BrokerRegistrationRequest registration;
  registration.broker_id = 1;
  registration.cluster_id = directory().identity().cluster_id;
  Random random(++starts_);
  registration.incarnation_id = Uuid::random(random);
  auto& listener = registration.listeners.emplace_back();
  listener.name = "PLAINTEXT";
  listener.host = "host";
  listener.port = 9092;
  for (const auto& known : metadata::supported_features()) {
    auto& feature = registration.features.emplace_back();
    feature.name = known.name;
    feature.min_supported_version = known.min;
    feature.max_supported_version = known.max;
  }
  for (const auto& each : directories_) {
    registration.log_dirs.push_back(*Uuid::parse(each->identity().directory_id));
  }
  const auto soon = node_.env().clock.now() + seconds(5);
  const auto registered = node_.run(channel_->ask(registration, soon));
  if (!registered || registered->error_code != ErrorCode::none) {
    return failure(IoError::Kind::broken, "registering failed");
  }
  broker_epoch_ = registered->broker_epoch;
  replicas_->registered(broker_epoch_);
  protocol::BrokerHeartbeatRequest heartbeat;
  heartbeat.broker_id = 1;
  heartbeat.broker_epoch = broker_epoch_;
  heartbeat.current_metadata_offset = image().end().value - 1;
  const auto heard = node_.run(channel_->ask(heartbeat, soon));
  if (!heard || heard->is_fenced) return failure(IoError::Kind::broken, "it stays fenced");
  return {};
}

Uuid HostStory::creates(const std::string& name, std::int32_t partitions,
                        metadata::Settings settings) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : settings) {
    auto& config = topic.configs.emplace_back();
    config.name = key;
    config.value = value;
  }
  const auto reply = node_.run(
      metadata_->ask([&](MetadataHost::Controller& controller, Instant now, Ticket ticket) {
        return controller.create_topics(now, ticket, request);
      }));
  EXPECT_TRUE(reply.has_value());
  if (!reply) return {};
  const auto& made = std::get<protocol::CreateTopicsResponse>(*reply).topics.at(0);
  EXPECT_EQ(made.error_code, ErrorCode::none) << made.error_message.value_or("");
  return made.topic_id;
}

std::expected<MetadataHost::Controller::Reply, ErrorCode> HostStory::tries_to_create(
    std::string name) {
  return node_.run(
      metadata_->ask([&](MetadataHost::Controller& controller, Instant now, Ticket ticket) {
        protocol::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = name;
        topic.num_partitions = topic.replication_factor = -1;
        return controller.create_topics(now, ticket, request);
      }));
}

void HostStory::deletes(const std::string& name) {
  protocol::DeleteTopicsRequest request;
  request.topic_names.push_back(name);
  const auto reply = node_.run(
      metadata_->ask([&](MetadataHost::Controller& controller, Instant now, Ticket ticket) {
        return controller.delete_topics(now, ticket, request);
      }));
  EXPECT_TRUE(reply.has_value());
}

void HostStory::sets(const std::string& topic, const std::string& name, const std::string& value) {
  protocol::IncrementalAlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = topic.empty() ? 4 : 2;
  asked.resource_name = topic;
  auto& config = asked.configs.emplace_back();
  config.name = name;
  config.value = value;
  const auto reply = node_.run(
      metadata_->ask([&](MetadataHost::Controller& controller, Instant now, Ticket ticket) {
        return controller.incremental_alter_configs(now, ticket, request);
      }));
  ASSERT_TRUE(reply.has_value());
  const auto& answer = std::get<protocol::IncrementalAlterConfigsResponse>(*reply).responses.at(0);
  EXPECT_EQ(answer.error_code, ErrorCode::none) << answer.error_message.value_or("");
}

std::expected<ProducerId, ErrorCode> HostStory::producer_id() {
  return node_.run(producer_ids_->next());
}

std::shared_ptr<log::PartitionLog> HostStory::log(const std::string& topic,
                                                  std::int32_t partition) {
  const auto replica = replicas_->find(topic, partition);
  return replica ? replica->log : nullptr;
}

Offset HostStory::appends(const std::string& topic, std::int32_t partition) {
  const auto replica = replicas_->find(topic, partition);
  CHECK(replica != nullptr);
  const auto appended = replica->log->append_as_leader(one_record(), replica->leader_epoch);
  EXPECT_TRUE(appended.has_value());
  EXPECT_TRUE(node_.run(replica->log->committed(appended->end)));
  return appended->end;
}

log::PartitionLog& HostStory::metadata_log() { return *directory().find(metadata_partition()); }

std::vector<std::string> HostStory::entries(const std::string& path, const std::string& part) {
  std::vector<std::string> names;
  const auto listed = node_.run(node_.env().disk.list(path));
  for (const auto& entry : *listed) {
    if (entry.directory && entry.name.find(part) != std::string::npos) names.push_back(entry.name);
  }
  return names;
}

void HostStory::puts(const std::string& path, const std::vector<std::byte>& contents) {
  auto& disk = node_.env().disk;
  const Disk::Path to(path);
  CHECK(node_.run(disk.make_directory(to.parent_path())).has_value());
  CHECK(node_.run(replace_file(disk, to, Bytes(contents))).has_value());
  CHECK(node_.run(disk.sync_all("/data")).has_value());
}

}  // namespace trialog::replication::test
