#include "core/node/node.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::node {
namespace {

log::Options log_options(const metadata::Settings& topic, const metadata::Settings& broker) {
  return topic_options(topic, broker).log;
}

bool is_anywhere(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

}  // namespace

Node::Node(Env env, Options options)
    : env_(std::move(env)),
      options_(std::move(options)),
      random_(env_.random.fork("node")),
      tasks_(std::make_unique<TaskGroup>(env_.executor)) {
  CHECK(!options_.log_dirs.empty());
  CHECK(!options_.listeners.empty());
}

Node::~Node() {
  // Whoever may still use something goes first.
  tasks_.reset();
  server_.reset();
}

Task<Status> Node::start() {
  CHECK(directories_.empty());
  auto opened = co_await open_directories();
  if (!opened) co_return opened;
  auto loaded = co_await load_metadata();
  if (!loaded) co_return loaded;
  server_ = std::make_unique<broker::Server>(env_, options_);
  auto listening = server_->listen();
  if (!listening) co_return listening;
  auto registered = co_await register_broker();
  if (!registered) co_return registered;
  broker_ = std::make_unique<broker::Broker>(env_, options_, cluster_id_, *metadata_, *replicas_,
                                             data_directories());
  dispatcher_ = std::make_unique<broker::Dispatcher>(*broker_);
  server_->start(*dispatcher_);
  if (options_.retention_check_interval > Duration(0)) {
    tasks_->spawn("retention", replicas_->retain(options_.retention_check_interval));
  }
  co_return Status();
}

Task<Status> Node::open_directories() {
  cluster_id_ = options_.cluster_id.value_or("");
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

Task<Status> Node::load_metadata() {
  auto& home = *directories_.front();
  auto log = home.find(replication::metadata_partition());
  if (log == nullptr) {
    auto made = co_await home.create(replication::metadata_partition(), metadata_topic_id());
    if (!made) co_return trialog::failure(made.error());
    log = *made;
  }
  replicas_ = std::make_unique<replication::ReplicaHost>(env_, data_directories(), options_.id,
                                                         options_.settings, &log_options);
  metadata::ControllerOptions controller;
  controller.self = options_.id;
  controller.num_partitions = options_.num_partitions;
  controller.default_replication_factor = options_.default_replication_factor;
  controller.delete_topics = options_.delete_topics;
  controller.settings = options_.settings;
  controller.random = random_.fork("controller");
  replication::MetadataHost::Prepare prepare =
      [this](std::shared_ptr<const metadata::Image> image) { return apply(std::move(image)); };
  metadata_ = std::make_unique<replication::MetadataHost>(
      env_, std::move(log), std::move(controller), std::move(prepare));
  co_return co_await metadata_->load();
}

Task<Status> Node::apply(std::shared_ptr<const metadata::Image> image) {
  co_return co_await replicas_->apply(std::move(image));
}

std::vector<metadata::BrokerEndpoint> Node::advertised() const {
  const auto& listening = server_->listeners();
  std::vector<metadata::BrokerEndpoint> list;
  for (std::size_t i = 0; i < listening.size(); ++i) {
    metadata::BrokerEndpoint endpoint;
    endpoint.name = listening[i].name;
    const bool told = i < options_.advertised.size();
    endpoint.host = told ? options_.advertised[i].at.host() : "";
    endpoint.port = told ? options_.advertised[i].at.port() : std::uint16_t{0};
    if (endpoint.host.empty()) endpoint.host = listening[i].at.host();
    if (is_anywhere(endpoint.host)) endpoint.host = "localhost";
    if (endpoint.port == 0) endpoint.port = listening[i].at.port();
    list.push_back(std::move(endpoint));
  }
  return list;
}

Task<Status> Node::register_broker() {
  metadata::Registration registration;
  registration.id = options_.id;
  registration.incarnation = Uuid::random(random_);
  registration.endpoints = advertised();
  registration.rack = options_.rack;
  for (const auto* directory : data_directories()) {
    const auto id = Uuid::parse(directory->identity().directory_id);
    if (id) registration.log_dirs.push_back(*id);
  }
  auto decide = [registration](metadata::Controller& controller, Instant now, Ticket ticket) {
    return controller.register_broker(now, ticket, registration);
  };
  auto asked = metadata_->ask(std::move(decide));
  auto reply = co_await asked;
  if (!reply) {
    co_return trialog::failure(IoError::Kind::broken, "the metadata log failed at registration");
  }
  co_return Status();
}

std::vector<Endpoint> Node::endpoints() const {
  std::vector<Endpoint> list;
  for (const auto& endpoint : advertised()) list.emplace_back(endpoint.host, endpoint.port);
  return list;
}

Task<IoError> Node::failure() {
  while (!metadata_->failed()) co_await metadata_->changed().wait();
  co_return IoError(IoError::Kind::broken, "the metadata log or the last log directory has failed");
}

Task<Status> Node::stop() {
  tasks_ = std::make_unique<TaskGroup>(env_.executor);
  server_.reset();
  dispatcher_.reset();
  broker_.reset();
  metadata_.reset();
  replicas_.reset();
  Status result;
  for (auto& directory : directories_) {
    if (directory->failed()) continue;
    auto closed = co_await directory->close();
    if (!closed && result) result = closed;
  }
  directories_.clear();
  co_return result;
}

replication::ReplicaHost& Node::replicas() {
  CHECK(replicas_ != nullptr);
  return *replicas_;
}

std::shared_ptr<const metadata::Image> Node::image() const {
  CHECK(metadata_ != nullptr);
  return metadata_->image();
}

}  // namespace trialog::node
