#include "core/node/node.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/node/format.h"

namespace trialog::node {
namespace {

log::Options log_options(const metadata::Settings& topic, const metadata::Settings& broker) {
  return topic_options(topic, broker).log;
}

/// How fast what lies in the logs is looked through for damage.
constexpr std::int64_t scrub_bytes_per_second = 4 << 20;
/// How long a clean stop waits for others to take its leaderships over.
constexpr Duration controlled_shutdown_limit = seconds(30);

bool is_anywhere(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

quorum::Voter static_voter(const QuorumVoter& from, const std::string& listener) {
  quorum::Voter voter;
  voter.id = from.id;
  voter.endpoints.push_back({listener, from.at.host(), from.at.port()});
  return voter;
}

/// Where others reach the listeners: what they were told to say, as far as it says anything.
std::vector<metadata::BrokerEndpoint> reachable(const std::vector<Listener>& listening,
                                                const std::vector<Listener>& told) {
  std::vector<metadata::BrokerEndpoint> list;
  for (std::size_t i = 0; i < listening.size(); ++i) {
    metadata::BrokerEndpoint endpoint;
    endpoint.name = listening[i].name;
    endpoint.host = i < told.size() ? told[i].at.host() : "";
    endpoint.port = i < told.size() ? told[i].at.port() : std::uint16_t{0};
    if (endpoint.host.empty()) endpoint.host = listening[i].at.host();
    if (is_anywhere(endpoint.host)) endpoint.host = "localhost";
    if (endpoint.port == 0) endpoint.port = listening[i].at.port();
    list.push_back(std::move(endpoint));
  }
  return list;
}

}  // namespace

Node::Node(Env env, Options options)
    : env_(std::move(env)),
      options_(std::move(options)),
      random_(env_.random.fork("node")),
      news_of_brokers_(env_.executor),
      tasks_(std::make_unique<TaskGroup>(env_.executor)) {
  CHECK(!options_.log_dirs.empty());
  CHECK(options_.is_broker || options_.is_controller);
  to_brokers_.client_id = "broker-" + std::to_string(options_.id.value);
  to_brokers_.request_timeout = options_.replica_socket_timeout;
}

Node::~Node() { take_apart(); }

/// Whoever may still use something goes first.
void Node::take_apart() {
  tasks_.reset();
  server_.reset();
  dispatcher_.reset();
  broker_.reset();
  producer_ids_.reset();
  lifecycle_.reset();
  metadata_.reset();
  replicas_.reset();
  isr_channel_.reset();
  channel_.reset();
  quorum_.reset();
  brokers_.reset();
}

Task<Status> Node::start() {
  CHECK(directories_.empty());
  auto opened = co_await open_directories();
  if (!opened) co_return opened;
  server_ = std::make_unique<broker::Server>(env_, options_);
  auto listening = server_->listen();
  if (!listening) co_return listening;
  auto joined = co_await join_quorum();
  if (!joined) co_return joined;
  if (options_.is_broker) co_return co_await join_cluster();
  co_return Status();
}

Task<Status> Node::open_directories() {
  auto cluster = co_await cluster_of(env_.disk, options_);
  if (!cluster) co_return trialog::failure(cluster.error());
  cluster_id_ = *cluster;
  auto first = co_await open_directory(options_.metadata_log_dir);
  if (!first) co_return first;
  for (const auto& path : options_.log_dirs) {
    if (path == options_.metadata_log_dir) continue;
    auto next = co_await open_directory(path);
    if (!next) co_return next;
  }
  co_return Status();
}

Task<Status> Node::open_directory(Disk::Path path) {
  log::DirectoryIdentity identity;
  identity.cluster_id = cluster_id_;
  identity.node_id = options_.id.value;
  auto options_for = [this](const TopicPartition& partition) {
    if (partition == replication::metadata_partition()) return replication::metadata_log_options();
    return log_options(metadata::Settings(), options_.settings);
  };
  auto directory = co_await log::LogDirectory::open(env_, std::move(path), std::move(identity),
                                                    std::move(options_for));
  if (!directory) co_return trialog::failure(directory.error());
  cluster_id_ = (*directory)->identity().cluster_id;
  directories_.push_back(std::move(*directory));
  co_return Status();
}

std::vector<log::LogDirectory*> Node::data_directories() const {
  std::vector<log::LogDirectory*> list;
  for (const auto& directory : directories_) {
    if (std::ranges::find(options_.log_dirs, directory->path()) != options_.log_dirs.end()) {
      list.push_back(directory.get());
    }
  }
  return list;
}

Task<Status> Node::join_quorum() {
  auto& home = *directories_.front();
  auto log = home.find(replication::metadata_partition());
  if (log == nullptr) {
    auto made = co_await home.create(replication::metadata_partition(), metadata_topic_id());
    if (!made) co_return trialog::failure(made.error());
    log = *made;
  }
  quorum_ = std::make_unique<replication::MetadataQuorum>(env_, quorum_options(), std::move(log),
                                                          options_.metadata_log_dir);
  assemble();
  auto loaded = co_await quorum_->load();
  if (!loaded) co_return loaded;
  metadata_->start();
  // The other voters must reach us before there can be a leader.
  server_->start(broker::Side::controllers, *dispatcher_);
  co_return co_await metadata_->caught_up();
}

void Node::assemble() {
  replication::MetadataHost::SnapshotLimits limits;
  limits.bytes = options_.metadata_log_max_record_bytes_between_snapshots;
  limits.interval = options_.metadata_log_max_snapshot_interval;
  replication::MetadataHost::Prepare prepare =
      [this](std::shared_ptr<const metadata::Image> image) { return apply(std::move(image)); };
  metadata_ = std::make_unique<replication::MetadataHost>(env_, *quorum_, controller_options(),
                                                          limits, std::move(prepare));
  channel_ = std::make_unique<replication::ControllerChannel>(env_, *quorum_, *metadata_,
                                                              options_.quorum_request_timeout);
  brokers_ = std::make_unique<client::ConnectionPool>(env_, to_brokers_, news_of_brokers_);
  isr_channel_ = std::make_unique<replication::ControllerIsrChannel>(
      env_, *channel_, options_.quorum_request_timeout);
  replicas_ = std::make_unique<replication::ReplicaHost>(env_, data_directories(),
                                                         replica_options(), options_.settings,
                                                         &log_options, *brokers_, *isr_channel_);
  producer_ids_ = std::make_unique<replication::ProducerIds>(
      env_, *channel_, options_.id, [this] { return lifecycle_ ? lifecycle_->epoch() : -1; },
      options_.quorum_request_timeout);
  const broker::Broker::Parts parts{*quorum_, *metadata_, *channel_, *producer_ids_, *replicas_};
  broker_ =
      std::make_unique<broker::Broker>(env_, options_, cluster_id_, parts, data_directories());
  dispatcher_ = std::make_unique<broker::Dispatcher>(*broker_);
}

Task<Status> Node::join_cluster() {
  replication::LifecycleOptions options;
  options.heartbeat_interval = options_.broker_heartbeat_interval;
  options.request_timeout = options_.quorum_request_timeout;
  options.registration_timeout = options_.initial_broker_registration_timeout;
  lifecycle_ = std::make_unique<replication::BrokerLifecycle>(env_, *channel_, *metadata_,
                                                              identity(), options);
  auto joined = co_await lifecycle_->join();
  if (!joined) co_return joined;
  server_->start(broker::Side::clients, *dispatcher_);
  for (auto* directory : data_directories()) directory->scrub(scrub_bytes_per_second);
  if (options_.retention_check_interval > Duration(0)) {
    tasks_->spawn("retention", replicas_->retain(options_.retention_check_interval));
  }
  co_return Status();
}

replication::QuorumOptions Node::quorum_options() const {
  replication::QuorumOptions options;
  options.self = options_.id;
  options.directory = Uuid::parse(directories_.front()->identity().directory_id).value_or(Uuid());
  options.cluster_id = cluster_id_;
  options.voter = options_.is_controller;
  for (const auto& voter : options_.quorum_voters) {
    options.static_voters.push_back(static_voter(voter, options_.controller_listener_name));
  }
  if (options_.stands_alone() && options.static_voters.empty()) {
    options.static_voters.emplace_back().id = options_.id;
  }
  options.bootstrap = options_.quorum_bootstrap;
  options.listener = options_.controller_listener_name;
  for (const auto& at : controllers_advertised()) {
    options.endpoints.push_back({at.name, at.host, at.port});
  }
  options.election_timeout = options_.quorum_election_timeout;
  options.election_backoff_max = options_.quorum_election_backoff_max;
  options.fetch_timeout = options_.quorum_fetch_timeout;
  options.request_timeout = options_.quorum_request_timeout;
  options.retry_backoff = options_.quorum_retry_backoff;
  options.fetch_max_bytes = options_.quorum_fetch_max_bytes;
  options.fetch_snapshot_max_bytes = options_.quorum_fetch_snapshot_max_bytes;
  return options;
}

metadata::ControllerOptions Node::controller_options() const {
  metadata::ControllerOptions options;
  options.self = options_.id;
  options.num_partitions = options_.num_partitions;
  options.default_replication_factor = options_.default_replication_factor;
  options.delete_topics = options_.delete_topics;
  options.cluster_id = cluster_id_;
  options.session_timeout = options_.broker_session_timeout;
  options.auto_leader_rebalance = options_.auto_leader_rebalance;
  options.leader_imbalance_check_interval = options_.leader_imbalance_check_interval;
  options.settings = options_.settings;
  options.bugs = env_.bugs;
  return options;
}

replication::ReplicaOptions Node::replica_options() const {
  replication::ReplicaOptions options;
  options.self = options_.id;
  options.lag_time_max = options_.replica_lag_time_max;
  options.fetch.wait_max = options_.replica_fetch_wait_max;
  options.fetch.backoff_max = options_.replica_fetch_backoff;
  options.fetch.min_bytes = options_.replica_fetch_min_bytes;
  options.fetch.max_bytes = options_.replica_fetch_max_bytes;
  options.fetch.response_max_bytes = options_.replica_fetch_response_max_bytes;
  return options;
}

replication::BrokerIdentity Node::identity() {
  replication::BrokerIdentity identity;
  identity.id = options_.id;
  identity.incarnation = Uuid::random(random_);
  identity.cluster_id = cluster_id_;
  identity.endpoints = advertised();
  identity.rack = options_.rack;
  const auto directories = data_directories();
  bool clean = true;
  for (const auto* directory : directories) {
    if (const auto id = Uuid::parse(directory->identity().directory_id)) {
      identity.log_dirs.push_back(*id);
    }
    clean = clean && directory->previous_broker_epoch() >= 0;
  }
  if (clean) identity.previous_epoch = directories.front()->previous_broker_epoch();
  identity.registered = [this](std::int64_t epoch) { replicas_->registered(epoch); };
  identity.offline_log_dirs = [directories] {
    std::vector<Uuid> failed;
    for (const auto* directory : directories) {
      const auto id = Uuid::parse(directory->identity().directory_id);
      if (directory->failed() && id) failed.push_back(*id);
    }
    return failed;
  };
  return identity;
}

Task<Status> Node::apply(std::shared_ptr<const metadata::Image> image) {
  meet(*image);
  co_return co_await replicas_->apply(std::move(image));
}

/// The brokers that replicas are fetched from.
void Node::meet(const metadata::Image& image) {
  std::map<NodeId, Endpoint> others;
  for (const auto& [id, broker] : image.brokers()) {
    const auto* endpoint = broker.endpoint(options_.inter_broker_listener);
    if (id == options_.id || endpoint == nullptr) continue;
    others.emplace(id, Endpoint(endpoint->host, endpoint->port));
  }
  brokers_->learn(others);
}

std::vector<metadata::BrokerEndpoint> Node::advertised() const {
  return reachable(server_->listeners(broker::Side::clients), options_.advertised);
}

std::vector<metadata::BrokerEndpoint> Node::controllers_advertised() const {
  return reachable(server_->listeners(broker::Side::controllers), options_.controller_advertised);
}

std::vector<Endpoint> Node::endpoints() const {
  std::vector<Endpoint> list;
  for (const auto& endpoint : advertised()) list.emplace_back(endpoint.host, endpoint.port);
  return list;
}

Task<IoError> Node::failure() {
  while (metadata_ != nullptr && !metadata_->failed()) co_await metadata_->changed().wait();
  if (metadata_ == nullptr) co_return IoError(IoError::Kind::closed, "the node has stopped");
  co_return IoError(IoError::Kind::broken, metadata_->failure_text());
}

/// Nobody could take anything over.
bool Node::is_alone() const {
  const auto image = metadata_->image();
  return std::ranges::none_of(image->brokers(), [this](const auto& entry) {
    return entry.first != options_.id && !entry.second.fenced;
  });
}

Task<Status> Node::stop() {
  std::int64_t broker_epoch = -1;
  if (lifecycle_) {
    broker_epoch = lifecycle_->epoch();
    const auto deadline = env_.clock.now() + controlled_shutdown_limit;
    if (options_.controlled_shutdown && !is_alone()) co_await lifecycle_->leave(deadline);
  }
  if (quorum_) co_await quorum_->resign();
  take_apart();
  Status result;
  for (auto& directory : directories_) {
    if (directory->failed()) continue;
    auto closed = co_await directory->close(broker_epoch);
    if (!closed && result) result = closed;
  }
  directories_.clear();
  co_return result;
}

const replication::ReplicaHost& Node::replicas() const {
  CHECK(is_assembled());
  return *replicas_;
}

const replication::MetadataQuorum& Node::quorum() const {
  CHECK(is_assembled());
  return *quorum_;
}

const replication::MetadataHost& Node::metadata() const {
  CHECK(is_assembled());
  return *metadata_;
}

std::shared_ptr<const metadata::Image> Node::image() const { return metadata().image(); }

}  // namespace trialog::node
