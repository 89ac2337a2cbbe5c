#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/base/trace.h"
#include "core/env/disk.h"
#include "core/env/network.h"
#include "core/log/options.h"
#include "core/metadata/config_table.h"

namespace trialog::node {

/// A name that clients and brokers know a listening socket by, and where it is. Of those to listen
/// on: an empty host is every interface, port 0 a free port. Of those to tell clients: an empty
/// host is this machine's name, port 0 the port that the listener of this name got.
struct Listener {
  std::string name;
  Endpoint at;
};

/// One entry of controller.quorum.voters.
struct QuorumVoter {
  NodeId id;
  Endpoint at;
};

/// What an operator may set, with Kafka's names, defaults and meaning.
struct Options {
  NodeId id{-1};
  std::optional<std::string> cluster_id;  // If nothing: as found on disk, else a new one.
  std::optional<std::string> rack;
  bool is_broker = true;             // process.roles; a node is at least one of the two.
  bool is_controller = true;         // It may vote in the metadata quorum and lead it.
  std::vector<Listener> listeners;   // For clients and brokers; at least one if it is a broker.
  std::vector<Listener> advertised;  // One for each of `listeners`, in their order.
  std::string inter_broker_listener = "PLAINTEXT";  // By which brokers reach each other.
  /// For controllers and whoever asks them; none if it is no controller, or alone.
  std::vector<Listener> controller_listeners;
  std::vector<Listener> controller_advertised;  // One for each of `controller_listeners`.
  std::string controller_listener_name;         // Of the voters' endpoints; empty if alone.
  std::vector<Disk::Path> log_dirs;             // At least one.
  Disk::Path metadata_log_dir;                  // One of `log_dirs`, or a directory of its own.

  /// The voters as every node's file lists them. Empty: as the metadata log says (KIP-853).
  std::vector<QuorumVoter> quorum_voters;
  std::vector<Endpoint> quorum_bootstrap;  // Where to ask for the quorum's leader.
  bool quorum_auto_join = false;
  Duration quorum_election_timeout = milliseconds(1000);
  Duration quorum_election_backoff_max = milliseconds(1000);
  Duration quorum_fetch_timeout = milliseconds(2000);
  Duration quorum_request_timeout = milliseconds(2000);
  Duration quorum_retry_backoff = milliseconds(20);
  Duration quorum_append_linger = milliseconds(25);
  std::int32_t quorum_fetch_max_bytes = 1 << 20;
  std::int32_t quorum_fetch_snapshot_max_bytes = 1 << 20;

  std::int32_t metadata_log_segment_bytes = 1 << 30;
  Duration metadata_log_segment_age = milliseconds(604'800'000);
  std::int64_t metadata_log_max_record_bytes_between_snapshots = 20 << 20;
  Duration metadata_log_max_snapshot_interval = milliseconds(3'600'000);  // 0: bytes decide alone.
  std::int64_t metadata_max_retention_bytes = 100
                                              << 20;  // Of the log and snapshots; negative: any.
  Duration metadata_max_retention = milliseconds(604'800'000);
  Duration metadata_max_idle_interval = milliseconds(500);  // 0: no no-op records.

  Duration broker_heartbeat_interval = milliseconds(2000);
  Duration broker_session_timeout = milliseconds(9000);
  Duration initial_broker_registration_timeout = milliseconds(60'000);
  bool controlled_shutdown = true;
  bool auto_leader_rebalance = true;
  Duration leader_imbalance_check_interval = milliseconds(300'000);
  bool unclean_leader_election = false;

  Duration replica_lag_time_max = milliseconds(30'000);
  Duration replica_fetch_wait_max = milliseconds(500);
  Duration replica_fetch_backoff = milliseconds(1000);
  Duration replica_socket_timeout = milliseconds(30'000);
  Duration replica_high_watermark_checkpoint_interval = milliseconds(5000);
  std::int32_t replica_fetch_min_bytes = 1;
  std::int32_t replica_fetch_max_bytes = 1 << 20;
  std::int32_t replica_fetch_response_max_bytes = 10 << 20;
  bool reads_from_same_rack = false;  // replica.selector.class is Kafka's for racks (KIP-392).

  bool auto_create_topics = true;
  bool delete_topics = true;
  std::int32_t num_partitions = 1;
  std::int32_t default_replication_factor = 1;
  std::int32_t fetch_max_bytes = 55 << 20;
  std::int32_t fetch_session_slots = 1000;
  std::int32_t max_request_partitions = 2000;  // max.request.partition.size.limit
  std::int32_t socket_request_max_bytes = 100 << 20;
  std::int32_t max_connections = 2147483647;
  std::int32_t max_connections_per_ip = 2147483647;
  Duration connections_max_idle = milliseconds(600'000);  // Negative or 0: they may idle forever.
  Duration retention_check_interval = milliseconds(300'000);

  /// Everything as it was given, also what is not used. The defaults of topics come from here.
  metadata::Settings settings;

  /// Nobody else can be a voter, so a directory that was never formatted may become a cluster.
  bool stands_alone() const;
  /// The cluster id of a directory that was never formatted, the same on all nodes whose files
  /// list the same voters; nothing where that does not decide it: one voter, or none listed.
  std::optional<std::string> cluster_id_of_voters() const;
};

/// Something an operator should hear that does not keep the broker from starting.
struct Remark {
  Level level;
  std::string text;
};

struct Parsed {
  /// Only if there are no problems.
  std::optional<Options> options;
  /// One line each, naming the key and what would be right.
  std::vector<std::string> problems;
  std::vector<Remark> remarks;
};

/// Reads settings as a server.properties file holds them, one written for Kafka's combined mode
/// too. `lenient`: a key that Kafka does not know is a remark instead of a problem.
Parsed parse(const metadata::Settings& settings, bool lenient);

/// What holds for the logs of a topic.
struct TopicOptions {
  enum class TimestampType { create_time, log_append_time };

  log::Options log;
  std::int32_t max_message_bytes = 1'048'588;
  std::string compression_type = "producer";  // As it came, or "uncompressed", "gzip" ...
  std::int32_t gzip_level = -1;
  std::int32_t lz4_level = 9;
  std::int32_t zstd_level = 3;
  TimestampType timestamp_type = TimestampType::create_time;
  std::int64_t timestamp_before_max_ms = 9223372036854775807;
  std::int64_t timestamp_after_max_ms = 3'600'000;
  std::int32_t min_insync_replicas = 1;
};

/// A topic's own settings, over the broker's (`Options::settings` with whatever was changed at run
/// time), over Kafka's defaults. A value that can't be read counts as not given.
TopicOptions topic_options(const metadata::Settings& topic, const metadata::Settings& broker);

}  // namespace trialog::node
