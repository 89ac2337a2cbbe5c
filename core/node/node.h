#pragma once

#include <memory>
#include <vector>

#include "core/broker/broker.h"
#include "core/broker/dispatcher.h"
#include "core/broker/server.h"
#include "core/env/env.h"
#include "core/log/log_directory.h"
#include "core/node/options.h"
#include "core/replication/broker_lifecycle.h"
#include "core/replication/controller_channel.h"
#include "core/replication/metadata_host.h"
#include "core/replication/metadata_quorum.h"
#include "core/replication/producer_ids.h"
#include "core/replication/replica_host.h"

namespace trialog::node {

/// One node of a cluster, a broker or a voter of the metadata log or both: its log directories, its
/// part in the quorum, the controller while it leads that, its replicas, its connections.
/// Destroying it without `stop` is a crash, after which another one must be able to start on what
/// its disk then holds. Nothing of it may be running while it is destroyed.
class Node {
 public:
  Node(Env env, Options options);
  Node(const Node&) = delete;
  ~Node();

  /// Opens the log directories, recovers every log, joins the quorum, waits until the metadata is
  /// as new as the cluster's, registers the broker and serves clients. Once. A log directory that
  /// can't be opened is an error, whatever the reason: an operator who starts a broker wants to
  /// know. That the other nodes are not there is not: it waits for them.
  Task<Status> start();
  /// Where clients reach each listener, in the order of the options. After `start`.
  std::vector<Endpoint> endpoints() const;
  /// Ends when the node can't go on, with the reason: the metadata log failed, or the last log
  /// directory did. The node then only refuses; destroy it.
  Task<IoError> failure();
  /// Hands its leaderships over where others can take them, drops all connections, then closes
  /// every log so that the next start can trust the files. After `start` has ended.
  Task<Status> stop();

  const Options& options() const { return options_; }
  /// Whether the following are there: from when `start` has opened the directories until `stop`
  /// takes the node apart.
  bool is_assembled() const { return broker_ != nullptr; }
  const replication::ReplicaHost& replicas() const;
  const replication::MetadataQuorum& quorum() const;
  const replication::MetadataHost& metadata() const;
  std::shared_ptr<const metadata::Image> image() const;
  std::size_t connections() const { return server_ == nullptr ? 0 : server_->connections(); }

 private:
  Task<Status> open_directories();
  Task<Status> open_directory(Disk::Path path);
  Task<Status> join_quorum();
  Task<Status> join_cluster();
  void assemble();
  replication::QuorumOptions quorum_options() const;
  metadata::ControllerOptions controller_options() const;
  replication::ReplicaOptions replica_options() const;
  replication::BrokerIdentity identity();
  Task<Status> apply(std::shared_ptr<const metadata::Image> image);
  void meet(const metadata::Image& image);
  bool is_alone() const;
  void take_apart();
  std::vector<log::LogDirectory*> data_directories() const;
  std::vector<metadata::BrokerEndpoint> advertised() const;
  std::vector<metadata::BrokerEndpoint> controllers_advertised() const;

  Env env_;
  Options options_;
  Random random_;
  std::string cluster_id_;
  /// The one with the metadata log first.
  std::vector<std::unique_ptr<log::LogDirectory>> directories_;
  client::ConnectionOptions to_brokers_;
  Signal news_of_brokers_;
  std::unique_ptr<client::ConnectionPool> brokers_;
  std::unique_ptr<replication::MetadataQuorum> quorum_;
  std::unique_ptr<replication::MetadataHost> metadata_;
  std::unique_ptr<replication::ControllerChannel> channel_;
  std::unique_ptr<replication::IsrChannel> isr_channel_;
  std::unique_ptr<replication::ReplicaHost> replicas_;
  std::unique_ptr<replication::BrokerLifecycle> lifecycle_;
  std::unique_ptr<replication::ProducerIds> producer_ids_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<broker::Dispatcher> dispatcher_;
  std::unique_ptr<broker::Server> server_;
  std::unique_ptr<TaskGroup> tasks_;
};

}  // namespace trialog::node
