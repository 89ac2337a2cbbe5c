#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/broker/deadlines.h"
#include "core/broker/fetch_session.h"
#include "core/broker/topic_settings.h"
#include "core/env/env.h"
#include "core/log/log_directory.h"
#include "core/node/options.h"
#include "core/replication/controller_channel.h"
#include "core/replication/metadata_host.h"
#include "core/replication/metadata_quorum.h"
#include "core/replication/producer_ids.h"
#include "core/replication/replica_host.h"

namespace trialog::broker {

/// Whom a listener is for: clients and followers, or voters and whoever asks the controller.
enum class Side { clients, controllers };

/// Who asks: the listener it came in by and where it is.
class Client {
 public:
  Client(Side side, std::string listener, std::string host)
      : side_(side), listener_(std::move(listener)), host_(std::move(host)) {}
  Side side() const { return side_; }
  const std::string& listener() const { return listener_; }
  const std::string& host() const { return host_; }

 private:
  Side side_;
  std::string listener_;
  std::string host_;
};

/// What the handlers of requests work with. Owns what only they use; everything else outlives it.
class Broker {
 public:
  using ImagePtr = std::shared_ptr<const metadata::Image>;

  /// What a broker works with; each outlives it.
  struct Parts {
    replication::MetadataQuorum& quorum;
    replication::MetadataHost& metadata;
    replication::ControllerChannel& controller;
    replication::ProducerIds& producer_ids;
    replication::ReplicaHost& replicas;
  };

  Broker(Env& environment, const node::Options& node_options, std::string id_of_cluster,
         const Parts& parts, std::vector<log::LogDirectory*> log_directories)
      : env(environment),
        options(node_options),
        cluster_id(std::move(id_of_cluster)),
        quorum(parts.quorum),
        metadata(parts.metadata),
        controller(parts.controller),
        producer_ids(parts.producer_ids),
        replicas(parts.replicas),
        directories(std::move(log_directories)),
        sessions(static_cast<std::size_t>(std::max(node_options.fetch_session_slots, 0)),
                 environment.random.fork("fetch sessions")),
        topics(node_options),
        deadlines(environment.executor, environment.clock) {}

  ImagePtr image() const { return metadata.image(); }
  const TopicFacts& settings_of(const metadata::Topic& topic) {
    return topics.of(metadata.image(), topic);
  }

  Env& env;
  const node::Options& options;
  const std::string cluster_id;
  replication::MetadataQuorum& quorum;
  replication::MetadataHost& metadata;
  replication::ControllerChannel& controller;
  replication::ProducerIds& producer_ids;
  replication::ReplicaHost& replicas;
  const std::vector<log::LogDirectory*> directories;
  FetchSessions sessions;
  TopicSettings topics;
  Deadlines deadlines;
};

/// Why the replica (null if we have none) can't serve somebody who believes in `current` as its
/// leader epoch, or in none: not_leader_or_follower, fenced_leader_epoch, unknown_leader_epoch,
/// kafka_storage_error (SEMANTICS 4.3).
ErrorCode leadership_error(NodeId self, const replication::Replica* replica,
                           Epoch current = no_epoch);
inline ErrorCode leadership_error(const Broker& broker, const replication::Replica* replica,
                                  Epoch current = no_epoch) {
  return leadership_error(broker.options.id, replica, current);
}

/// The node that a client is told is the controller: any broker would do, since each passes on what
/// the controller decides; the real one spares a hop.
NodeId controller_for_clients(const Broker& broker);

/// Topics that the cluster keeps its own state in; clients may not write to them.
bool is_internal(std::string_view topic);

}  // namespace trialog::broker
