#include <algorithm>

#include "core/node/options_reader.h"

namespace trialog::node {

namespace {

constexpr std::int64_t century = 3'155'760'000;  // As good as for ever, and in range.

}  // namespace

void OptionsReader::read_limits() {
  options_.auto_create_topics = flag("auto.create.topics.enable");
  options_.delete_topics = flag("delete.topic.enable");
  options_.num_partitions = number32("num.partitions");
  options_.default_replication_factor = number32("default.replication.factor");
  if (options_.default_replication_factor < 1) {
    problem("default.replication.factor must be at least 1");
  }
  options_.fetch_max_bytes = number32("fetch.max.bytes");
  options_.fetch_session_slots = number32("max.incremental.fetch.session.cache.slots");
  options_.max_request_partitions = number32("max.request.partition.size.limit");
  options_.socket_request_max_bytes = number32("socket.request.max.bytes");
  options_.max_connections = number32("max.connections");
  options_.max_connections_per_ip = number32("max.connections.per.ip");
  options_.connections_max_idle = duration("connections.max.idle.ms");
  options_.retention_check_interval = duration("log.retention.check.interval.ms");
}

void OptionsReader::read_replication() {
  options_.broker_heartbeat_interval = duration("broker.heartbeat.interval.ms");
  options_.broker_session_timeout = duration("broker.session.timeout.ms");
  options_.initial_broker_registration_timeout = duration("initial.broker.registration.timeout.ms");
  options_.controlled_shutdown = flag("controlled.shutdown.enable");
  options_.auto_leader_rebalance = flag("auto.leader.rebalance.enable");
  options_.leader_imbalance_check_interval =
      seconds(std::min(number("leader.imbalance.check.interval.seconds"), century));
  options_.unclean_leader_election = flag("unclean.leader.election.enable");
  options_.replica_lag_time_max = duration("replica.lag.time.max.ms");
  options_.replica_fetch_wait_max = duration("replica.fetch.wait.max.ms");
  options_.replica_fetch_backoff = duration("replica.fetch.backoff.ms");
  options_.replica_socket_timeout = duration("replica.socket.timeout.ms");
  options_.replica_high_watermark_checkpoint_interval =
      duration("replica.high.watermark.checkpoint.interval.ms");
  options_.replica_fetch_min_bytes = number32("replica.fetch.min.bytes");
  options_.replica_fetch_max_bytes = number32("replica.fetch.max.bytes");
  options_.replica_fetch_response_max_bytes = number32("replica.fetch.response.max.bytes");
  const auto selector = text("replica.selector.class");
  const std::string package = "org.apache.kafka.common.replica.";
  options_.reads_from_same_rack = selector == package + "RackAwareReplicaSelector";
  if (!selector.empty() && !options_.reads_from_same_rack &&
      selector != package + "LeaderSelector") {
    problem("Invalid value " + selector + " for configuration replica.selector.class: Class " +
            selector + " could not be found.");
  }
}

void OptionsReader::read_quorum_numbers() {
  options_.quorum_auto_join = flag("controller.quorum.auto.join.enable");
  options_.quorum_election_timeout = duration("controller.quorum.election.timeout.ms");
  options_.quorum_election_backoff_max = duration("controller.quorum.election.backoff.max.ms");
  options_.quorum_fetch_timeout = duration("controller.quorum.fetch.timeout.ms");
  options_.quorum_request_timeout = duration("controller.quorum.request.timeout.ms");
  options_.quorum_retry_backoff = duration("controller.quorum.retry.backoff.ms");
  options_.quorum_append_linger = duration("controller.quorum.append.linger.ms");
  options_.quorum_fetch_max_bytes = number32("controller.quorum.fetch.max.bytes");
  options_.quorum_fetch_snapshot_max_bytes = number32("controller.quorum.fetch.snapshot.max.bytes");
  if (options_.quorum_auto_join && !options_.is_controller) {
    problem(
        "controller.quorum.auto.join.enable is only supported when process.roles contains the "
        "'controller' role.");
  }
}

void OptionsReader::read_metadata_log() {
  options_.metadata_log_segment_bytes = number32("metadata.log.segment.bytes");
  options_.metadata_log_segment_age = duration("metadata.log.segment.ms");
  options_.metadata_log_max_record_bytes_between_snapshots =
      number("metadata.log.max.record.bytes.between.snapshots");
  options_.metadata_log_max_snapshot_interval = duration("metadata.log.max.snapshot.interval.ms");
  options_.metadata_max_retention_bytes = number("metadata.max.retention.bytes");
  options_.metadata_max_retention = duration("metadata.max.retention.ms");
  options_.metadata_max_idle_interval = duration("metadata.max.idle.interval.ms");
}

void OptionsReader::check_relations() {
  if (options_.replica_fetch_wait_max > options_.replica_socket_timeout) {
    problem(
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent "
        "unnecessary socket timeouts");
  }
  if (options_.replica_fetch_wait_max > options_.replica_lag_time_max) {
    problem(
        "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms "
        "to prevent frequent changes in ISR");
  }
  // Kafka only complains: the two are settings of different nodes.
  if (options_.broker_heartbeat_interval * 2 > options_.broker_session_timeout) {
    remark(Level::error, "broker.heartbeat.interval.ms (" + text("broker.heartbeat.interval.ms") +
                             " ms) must be less than or equal to half of the "
                             "broker.session.timeout.ms (" +
                             text("broker.session.timeout.ms") +
                             " ms), or brokers lose their leases");
  }
}

}  // namespace trialog::node
