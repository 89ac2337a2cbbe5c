#pragma once

#include <memory>
#include <vector>

#include "core/broker/broker.h"
#include "core/broker/dispatcher.h"
#include "core/broker/server.h"
#include "core/env/env.h"
#include "core/log/log_directory.h"
#include "core/node/options.h"
#include "core/replication/metadata_host.h"
#include "core/replication/replica_host.h"

namespace trialog::node {

/// One broker: its log directories, its controller, its replicas, its connections. Destroying it
/// without `stop` is a crash, after which another one must be able to start on what its disk then
/// holds. Nothing of it may be running while it is destroyed.
class Node {
 public:
  Node(Env env, Options options);
  Node(const Node&) = delete;
  ~Node();

  /// Opens the log directories, recovers every log, registers the broker and serves clients. Once.
  /// A log directory that can't be opened is an error, whatever the reason: an operator who starts
  /// a broker wants to know.
  Task<Status> start();
  /// Where clients reach each listener, in the order of the options. After `start`.
  std::vector<Endpoint> endpoints() const;
  /// Ends when the node can't go on, with the reason: the metadata log failed, or the last log
  /// directory did. The node then only refuses; destroy it.
  Task<IoError> failure();
  /// Drops all connections, then closes every log so that the next start can trust the files.
  Task<Status> stop();

  const Options& options() const { return options_; }
  /// Only between `start` and `stop`.
  replication::ReplicaHost& replicas();
  std::shared_ptr<const metadata::Image> image() const;
  std::size_t connections() const { return server_ == nullptr ? 0 : server_->connections(); }

 private:
  Task<Status> open_directories();
  Task<Status> open_directory(Disk::Path path);
  Task<Status> load_metadata();
  Task<Status> register_broker();
  Task<Status> apply(std::shared_ptr<const metadata::Image> image);
  std::vector<log::LogDirectory*> data_directories() const;
  std::vector<metadata::BrokerEndpoint> advertised() const;

  Env env_;
  Options options_;
  Random random_;
  std::string cluster_id_;
  /// The one with the metadata log first.
  std::vector<std::unique_ptr<log::LogDirectory>> directories_;
  std::unique_ptr<replication::ReplicaHost> replicas_;
  std::unique_ptr<replication::MetadataHost> metadata_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<broker::Dispatcher> dispatcher_;
  std::unique_ptr<broker::Server> server_;
  std::unique_ptr<TaskGroup> tasks_;
};

}  // namespace trialog::node
