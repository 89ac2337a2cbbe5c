#include "core/client/admin.h"

#include <limits>
#include <utility>

#include "core/client/backoff.h"
#include "core/client/metadata.h"
#include "core/protocol/messages/alter_partition_reassignments.h"
#include "core/protocol/messages/create_partitions.h"
#include "core/protocol/messages/create_topics.h"
#include "core/protocol/messages/delete_records.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/describe_configs.h"
#include "core/protocol/messages/elect_leaders.h"
#include "core/protocol/messages/incremental_alter_configs.h"
#include "core/protocol/messages/list_partition_reassignments.h"
#include "core/protocol/messages/metadata.h"

namespace trialog::client {
namespace {

using namespace protocol;

// Later versions name topics in another field, for ids beside names.
constexpr std::int16_t last_deletion_by_name = 5;
constexpr std::int8_t set_config = 0;
constexpr std::int8_t delete_config = 1;
constexpr std::int8_t default_source = 5;

struct Verdict {
  ErrorCode code = ErrorCode::none;
  std::string message;
};

Verdict verdict(ErrorCode code, const std::optional<std::string>& message) {
  return {code, message.value_or("")};
}

// What each answer says about the one thing that was asked for.
Verdict verdict_of(const CreateTopicsResponse& response) {
  if (response.topics.empty()) return {ErrorCode::unknown_server_error, "no answer"};
  return verdict(response.topics[0].error_code, response.topics[0].error_message);
}
Verdict verdict_of(const DeleteTopicsResponse& response) {
  if (response.responses.empty()) return {ErrorCode::unknown_server_error, "no answer"};
  return verdict(response.responses[0].error_code, response.responses[0].error_message);
}
Verdict verdict_of(const CreatePartitionsResponse& response) {
  if (response.results.empty()) return {ErrorCode::unknown_server_error, "no answer"};
  return verdict(response.results[0].error_code, response.results[0].error_message);
}
Verdict verdict_of(const DescribeConfigsResponse& response) {
  if (response.results.empty()) return {ErrorCode::unknown_server_error, "no answer"};
  return verdict(response.results[0].error_code, response.results[0].error_message);
}
Verdict verdict_of(const IncrementalAlterConfigsResponse& response) {
  if (response.responses.empty()) return {ErrorCode::unknown_server_error, "no answer"};
  return verdict(response.responses[0].error_code, response.responses[0].error_message);
}
Verdict verdict_of(const DeleteRecordsResponse& response) {
  if (response.topics.empty() || response.topics[0].partitions.empty()) {
    return {ErrorCode::unknown_server_error, "no answer"};
  }
  return {response.topics[0].partitions[0].error_code, ""};
}
Verdict verdict_of(const ElectLeadersResponse& response) {
  if (response.error_code != ErrorCode::none) return {response.error_code, ""};
  const auto& topics = response.replica_election_results;
  if (topics.empty() || topics[0].partition_result.empty()) return {};
  const auto& result = topics[0].partition_result[0];
  return verdict(result.error_code, result.error_message);
}
Verdict verdict_of(const AlterPartitionReassignmentsResponse& response) {
  if (response.error_code != ErrorCode::none) {
    return verdict(response.error_code, response.error_message);
  }
  if (response.responses.empty() || response.responses[0].partitions.empty()) {
    return {ErrorCode::unknown_server_error, "no answer"};
  }
  const auto& result = response.responses[0].partitions[0];
  return verdict(result.error_code, result.error_message);
}
Verdict verdict_of(const ListPartitionReassignmentsResponse& response) {
  return verdict(response.error_code, response.error_message);
}
Verdict verdict_of(const MetadataResponse& response) {
  if (response.error_code != ErrorCode::none) return {response.error_code, ""};
  if (response.topics.size() != 1) return {};
  return {response.topics[0].error_code, ""};
}

}  // namespace

/// What is behind an `Admin`: asks, and asks again while that may help.
class Admin::Core {
 public:
  Core(Env env, ConnectionOptions options)
      : cluster_(env, std::move(options), false), random_(env.random.fork("client.admin")) {}

  /// Whom to ask: any broker, one broker, the controller, or a partition's leader.
  struct Whom {
    std::optional<TopicPartition> leader_of;
    std::optional<NodeId> broker;
    bool controller = false;
  };
  template <class Response, class Request>
  Task<Answer<Response>> ask(Request request, Whom whom, std::int16_t limit = Link::any);
  Task<Answer<MetadataResponse>> metadata(std::optional<std::string> topic);
  std::int32_t timeout_ms() const {
    return static_cast<std::int32_t>(
        std::chrono::duration_cast<milliseconds>(cluster_.options.request_timeout).count());
  }

 private:
  Task<Answer<ConnectionPool::LinkPtr>> link(Whom whom, bool again, Instant deadline);
  Task<Answer<ConnectionPool::LinkPtr>> controller(bool again, Instant deadline);
  Task<Result<ConnectionPool::LinkPtr>> some_broker(bool again, Instant deadline);

  Cluster cluster_;
  Random random_;
  NodeId asked_{0};  // Of those who may be any, the last.
};

Task<Answer<ConnectionPool::LinkPtr>> Admin::Core::link(Whom whom, bool again, Instant deadline) {
  if (whom.controller) co_return co_await controller(again, deadline);
  if (whom.leader_of) {
    auto topic = co_await cluster_.metadata.topic(whom.leader_of->topic, deadline);
    if (!topic) co_return refusal(topic.error());
    const auto leader = cluster_.metadata.leader(*whom.leader_of);
    if (!leader) co_return refusal(ErrorCode::leader_not_available, whom.leader_of->text());
    whom.broker = leader->node;
  }
  auto link =
      whom.broker ? cluster_.pool.link(*whom.broker, deadline) : some_broker(again, deadline);
  auto connected = co_await link;
  if (!connected) co_return refusal(connected.error());
  co_return std::move(*connected);
}

/// The one that failed us may be cut off from the others.
Task<Result<ConnectionPool::LinkPtr>> Admin::Core::some_broker(bool again, Instant deadline) {
  return again ? cluster_.pool.another(asked_, deadline) : cluster_.pool.any(asked_, deadline);
}

/// Any broker tells who that is; brokers that pass requests on call themselves that.
Task<Answer<ConnectionPool::LinkPtr>> Admin::Core::controller(bool again, Instant deadline) {
  auto any = co_await some_broker(again, deadline);
  if (!any) co_return refusal(any.error());
  MetadataRequest request;
  auto response = co_await (*any)->ask<MetadataResponse>(request);
  if (!response) co_return refusal(response.error());
  for (const auto& broker : response->brokers) {
    if (broker.node_id != response->controller_id) continue;
    std::map<NodeId, Endpoint> brokers;
    for (const auto& one : response->brokers) {
      brokers[NodeId(one.node_id)] = Endpoint(one.host, static_cast<std::uint16_t>(one.port));
    }
    cluster_.pool.learn(brokers);
    auto link = co_await cluster_.pool.link(NodeId(broker.node_id), deadline);
    if (!link) co_return refusal(link.error());
    co_return std::move(*link);
  }
  co_return std::move(*any);
}

template <class Response, class Request>
Task<Answer<Response>> Admin::Core::ask(Request request, Whom whom, std::int16_t limit) {
  auto& env = cluster_.env;
  const auto deadline = env.clock.now() + cluster_.options.api_timeout;
  for (int failures = 1; true; ++failures) {
    std::optional<ClientError> trouble;
    auto connected = co_await link(whom, failures > 1, deadline);
    if (!connected) {
      trouble = connected.error();
    } else {
      auto response = co_await (*connected)->template ask<Response>(request, Duration(), limit);
      if (!response) {
        trouble = ClientError(response.error());
      } else {
        auto said = verdict_of(*response);
        if (said.code == ErrorCode::none) co_return std::move(*response);
        trouble = ClientError(said.code, std::move(said.message));
      }
    }
    // A broker that does not speak the request will not learn it, and a leader that is right stays.
    const bool hopeless =
        trouble->io() ? trouble->io()->kind() == IoError::Kind::refused && connected.has_value()
                      : !is_retriable(trouble->code()) ||
                            trouble->code() == ErrorCode::unknown_topic_or_partition ||
                            trouble->code() == ErrorCode::election_not_needed;
    cluster_.metadata.refresh();
    const auto pause = backoff(cluster_.options.retry_backoff, cluster_.options.retry_backoff_max,
                               failures, random_);
    if (hopeless || env.clock.now() + pause >= deadline) co_return refusal(std::move(*trouble));
    co_await env.clock.sleep(pause);
  }
}

Task<Answer<MetadataResponse>> Admin::Core::metadata(std::optional<std::string> topic) {
  MetadataRequest request;
  request.allow_auto_topic_creation = false;
  if (topic) {
    request.topics->emplace_back().name = std::move(topic);
  } else {
    request.topics.reset();
  }
  Whom whom;
  co_return co_await ask<MetadataResponse>(std::move(request), std::move(whom));
}

Admin::Admin(Env env, ConnectionOptions options)
    : core_(std::make_unique<Core>(env, std::move(options))) {}
Admin::~Admin() = default;

Task<Answer<void>> Admin::create_topic(NewTopic topic) {
  CreateTopicsRequest request;
  request.timeout_ms = core_->timeout_ms();
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic.name;
  wanted.num_partitions = topic.partitions;
  wanted.replication_factor = topic.replication_factor;
  for (const auto& [name, value] : topic.configs) wanted.configs.push_back({name, value});
  Core::Whom whom;
  whom.controller = true;
  auto made = co_await core_->ask<CreateTopicsResponse>(std::move(request), std::move(whom));
  if (!made) co_return refusal(made.error());
  co_return Answer<void>();
}

Task<Answer<void>> Admin::delete_topic(std::string topic) {
  DeleteTopicsRequest request;
  request.timeout_ms = core_->timeout_ms();
  request.topic_names.push_back(std::move(topic));
  Core::Whom whom;
  whom.controller = true;
  auto gone = co_await core_->ask<DeleteTopicsResponse>(std::move(request), std::move(whom),
                                                        last_deletion_by_name);
  if (!gone) co_return refusal(gone.error());
  co_return Answer<void>();
}

Task<Answer<void>> Admin::create_partitions(std::string topic, std::int32_t count) {
  CreatePartitionsRequest request;
  request.timeout_ms = core_->timeout_ms();
  auto& wanted = request.topics.emplace_back();
  wanted.name = std::move(topic);
  wanted.count = count;
  wanted.assignments.reset();
  Core::Whom whom;
  whom.controller = true;
  auto grown = co_await core_->ask<CreatePartitionsResponse>(std::move(request), std::move(whom));
  if (!grown) co_return refusal(grown.error());
  co_return Answer<void>();
}

Task<Answer<std::vector<std::string>>> Admin::list_topics() {
  auto metadata = co_await core_->metadata(std::nullopt);
  if (!metadata) co_return refusal(metadata.error());
  std::vector<std::string> names;
  for (auto& topic : metadata->topics) names.push_back(topic.name.value_or(""));
  co_return names;
}

Task<Answer<TopicDescription>> Admin::describe_topic(std::string topic) {
  std::optional<std::string> wanted = std::move(topic);
  auto metadata = co_await core_->metadata(std::move(wanted));
  if (!metadata) co_return refusal(metadata.error());
  TopicDescription result;
  for (const auto& known : metadata->topics) {
    result.name = known.name.value_or("");
    result.id = known.topic_id;
    result.internal = known.is_internal;
    for (const auto& partition : known.partitions) {
      auto& described = result.partitions.emplace_back();
      described.index = partition.partition_index;
      described.leader = NodeId(partition.leader_id);
      described.leader_epoch = Epoch(partition.leader_epoch);
      for (const auto id : partition.replica_nodes) described.replicas.emplace_back(id);
      for (const auto id : partition.isr_nodes) described.in_sync.emplace_back(id);
    }
  }
  co_return result;
}

Task<Answer<ClusterDescription>> Admin::describe_cluster() {
  auto metadata = co_await core_->metadata(std::nullopt);
  if (!metadata) co_return refusal(metadata.error());
  ClusterDescription result;
  result.id = metadata->cluster_id.value_or("");
  result.controller = NodeId(metadata->controller_id);
  for (const auto& broker : metadata->brokers) {
    result.brokers[NodeId(broker.node_id)] =
        Endpoint(broker.host, static_cast<std::uint16_t>(broker.port));
  }
  co_return result;
}

namespace {

/// A broker's settings are asked of that broker.
std::optional<NodeId> broker_named(ConfigKind kind, const std::string& name) {
  if (kind != ConfigKind::broker || name.empty() || name.size() > 9) return std::nullopt;
  if (name.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return NodeId(std::stoi(name));
}

}  // namespace

Task<Answer<Admin::Configs>> Admin::describe_configs(ConfigKind kind, std::string name) {
  DescribeConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(kind);
  resource.resource_name = name;
  resource.configuration_keys.reset();
  Core::Whom whom;
  whom.broker = broker_named(kind, name);
  auto told = co_await core_->ask<DescribeConfigsResponse>(std::move(request), std::move(whom));
  if (!told) co_return refusal(told.error());
  Configs configs;
  for (const auto& result : told->results) {
    for (const auto& config : result.configs) {
      auto& entry = configs[config.name];
      entry.value = config.value;
      entry.is_default = config.is_default || config.config_source == default_source;
      entry.read_only = config.read_only;
    }
  }
  co_return configs;
}

Task<Answer<void>> Admin::alter_configs(ConfigKind kind, std::string name, ConfigChanges changes) {
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(kind);
  resource.resource_name = name;
  for (const auto& [key, value] : changes) {
    resource.configs.push_back({key, value ? set_config : delete_config, value});
  }
  Core::Whom whom;
  whom.broker = broker_named(kind, name);
  auto done =
      co_await core_->ask<IncrementalAlterConfigsResponse>(std::move(request), std::move(whom));
  if (!done) co_return refusal(done.error());
  co_return Answer<void>();
}

Task<Answer<Offset>> Admin::delete_records(TopicPartition partition, Offset end) {
  DeleteRecordsRequest request;
  request.timeout_ms = core_->timeout_ms();
  auto& topic = request.topics.emplace_back();
  topic.name = partition.topic;
  topic.partitions.push_back({partition.partition, end.value});
  Core::Whom whom;
  whom.leader_of = std::move(partition);
  auto gone = co_await core_->ask<DeleteRecordsResponse>(std::move(request), std::move(whom));
  if (!gone) co_return refusal(gone.error());
  co_return Offset(gone->topics[0].partitions[0].low_watermark);
}

Task<Answer<void>> Admin::elect_leader(TopicPartition partition, Election how) {
  ElectLeadersRequest request;
  request.election_type = static_cast<std::int8_t>(how);
  request.timeout_ms = core_->timeout_ms();
  auto& topic = request.topic_partitions->emplace_back();
  topic.topic = std::move(partition.topic);
  topic.partitions.push_back(partition.partition);
  Core::Whom whom;
  whom.controller = true;
  auto held = co_await core_->ask<ElectLeadersResponse>(std::move(request), std::move(whom));
  if (!held) co_return refusal(held.error());
  co_return Answer<void>();
}

Task<Answer<void>> Admin::move(TopicPartition partition, Replicas replicas) {
  AlterPartitionReassignmentsRequest request;
  request.timeout_ms = core_->timeout_ms();
  auto& topic = request.topics.emplace_back();
  topic.name = std::move(partition.topic);
  auto& moved = topic.partitions.emplace_back();
  moved.partition_index = partition.partition;
  if (replicas) {
    moved.replicas.emplace();
    for (const auto id : *replicas) moved.replicas->push_back(id.value);
  }
  Core::Whom whom;
  whom.controller = true;
  auto begun =
      co_await core_->ask<AlterPartitionReassignmentsResponse>(std::move(request), std::move(whom));
  if (!begun) co_return refusal(begun.error());
  co_return Answer<void>();
}

Task<Answer<void>> Admin::reassign(TopicPartition partition, std::vector<NodeId> replicas) {
  Replicas wanted = std::move(replicas);
  co_return co_await move(std::move(partition), std::move(wanted));
}

Task<Answer<void>> Admin::cancel_reassignment(TopicPartition partition) {
  Replicas none;
  co_return co_await move(std::move(partition), std::move(none));
}

namespace {

std::vector<NodeId> nodes(const std::vector<std::int32_t>& ids) {
  std::vector<NodeId> list;
  for (const auto id : ids) list.emplace_back(id);
  return list;
}

}  // namespace

Task<Answer<Admin::Reassignments>> Admin::reassignments() {
  ListPartitionReassignmentsRequest request;
  request.timeout_ms = core_->timeout_ms();
  request.topics.reset();
  Core::Whom whom;
  whom.controller = true;
  auto told =
      co_await core_->ask<ListPartitionReassignmentsResponse>(std::move(request), std::move(whom));
  if (!told) co_return refusal(told.error());
  Reassignments moves;
  for (const auto& topic : told->topics) {
    for (const auto& partition : topic.partitions) {
      auto& move = moves[TopicPartition(topic.name, partition.partition_index)];
      move.replicas = nodes(partition.replicas);
      move.adding = nodes(partition.adding_replicas);
      move.removing = nodes(partition.removing_replicas);
    }
  }
  co_return moves;
}

}  // namespace trialog::client
