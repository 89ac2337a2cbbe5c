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

/// What an operator may set, with Kafka's names, defaults and meaning.
struct Options {
  NodeId id{-1};
  std::optional<std::string> cluster_id;  // If nothing: as found on disk, else a new one.
  std::optional<std::string> rack;
  std::vector<Listener> listeners;   // For clients; at least one.
  std::vector<Listener> advertised;  // One for each of `listeners`, in their order.
  std::vector<Disk::Path> log_dirs;  // At least one.
  Disk::Path metadata_log_dir;       // One of `log_dirs`, or a directory of its own.

  bool auto_create_topics = true;
  bool delete_topics = true;
  std::int32_t num_partitions = 1;
  std::int32_t default_replication_factor = 1;
  std::int32_t fetch_max_bytes = 55 << 20;
  std::int32_t fetch_session_slots = 1000;
  std::int32_t max_request_partitions = 2000;  // max.request.partition.size.limit
  std::int32_t socket_request_max_bytes = 100 << 20;
  std::int64_t queued_max_request_bytes = -1;  // -1: no limit.
  std::int32_t queued_max_requests = 500;
  std::int32_t max_connections = 2147483647;
  std::int32_t max_connections_per_ip = 2147483647;
  Duration connections_max_idle = milliseconds(600'000);  // Negative or 0: they may idle forever.
  Duration retention_check_interval = milliseconds(300'000);

  /// Everything as it was given, also what is not used. The defaults of topics come from here.
  metadata::Settings settings;
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
