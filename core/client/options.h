#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/env/network.h"
#include "core/records/batch.h"

namespace trialog::client {

class Partitioner;

/// What every client needs to reach a cluster. Names and defaults are Kafka's, here and below.
struct ConnectionOptions {
  /// bootstrap.servers: asked for the cluster until it has told us of its brokers.
  std::vector<Endpoint> bootstrap;
  std::string client_id = "trialog";
  /// request.timeout.ms: an answer that takes longer costs the connection.
  Duration request_timeout = seconds(30);
  /// socket.connection.setup.timeout.ms, negotiation of versions included.
  Duration connection_setup_timeout = seconds(10);
  /// reconnect.backoff.ms and .max.ms: doubled with each failure, less up to 20 % by chance.
  Duration reconnect_backoff = milliseconds(50);
  Duration reconnect_backoff_max = seconds(1);
  /// retry.backoff.ms and .max.ms: likewise, between two tries of one request.
  Duration retry_backoff = milliseconds(100);
  Duration retry_backoff_max = seconds(1);
  /// metadata.max.age.ms.
  Duration metadata_max_age = seconds(300);
  /// default.api.timeout.ms: bounds the calls that have no deadline of their own.
  Duration api_timeout = seconds(60);
  /// Longer answers are taken for garbage and cost the connection.
  std::size_t max_answer_size = 256u << 20;
};

enum class Acks : std::int16_t { none = 0, leader = 1, all = -1 };

struct ProducerOptions : ConnectionOptions {
  Acks acks = Acks::all;
  /// linger.ms: how long a batch waits for company.
  Duration linger = milliseconds(5);
  /// batch.size: bytes of records, before compression, at which a batch is closed.
  std::size_t batch_size = 16384;
  /// max.request.size: also the largest record.
  std::size_t max_request_size = 1048576;
  /// buffer.memory: bytes of records that wait or are on their way.
  std::size_t buffer_memory = 32u << 20;
  /// max.block.ms: how long a send waits for the buffer and for metadata.
  Duration max_block = seconds(60);
  /// max.in.flight.requests.per.connection: at most 5 with idempotence, or the order is lost.
  int max_in_flight = 5;
  /// enable.idempotence: no duplicates, and in order, whatever is retried. Needs `Acks::all`.
  bool enable_idempotence = true;
  records::Codec compression = records::Codec::none;
  int retries = 2147483647;
  /// delivery.timeout.ms: from the call until the outcome is known or given up.
  Duration delivery_timeout = seconds(120);
  /// partitioner.class: null is Kafka's default, the key's murmur2 hash, sticky without a key.
  std::shared_ptr<Partitioner> partitioner;
  /// Whether asking for an unknown topic creates it where the broker allows that.
  bool allow_auto_create_topics = true;
};

/// Where to begin in a partition without a position, or whose position is out of range. With `none`
/// `poll` fails instead.
enum class OffsetReset { earliest, latest, none };

enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct ConsumerOptions : ConnectionOptions {
  OffsetReset auto_offset_reset = OffsetReset::latest;
  Isolation isolation_level = Isolation::read_uncommitted;
  int fetch_min_bytes = 1;
  Duration fetch_max_wait = milliseconds(500);
  int fetch_max_bytes = 52428800;
  int max_partition_fetch_bytes = 1048576;
  std::size_t max_poll_records = 500;
  /// check.crcs: batches with a wrong CRC make `poll` fail with `corrupt_message`.
  bool check_crcs = true;
  bool allow_auto_create_topics = true;
};

}  // namespace trialog::client
