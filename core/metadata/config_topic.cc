#include "core/metadata/config_row.h"

namespace trialog::metadata::rows {

namespace {

// Kafka 4.3.1's settings of topics and groups and ours, in order of name.
constexpr Setting topic_lines[] = {
    kafka("cleanup.policy", list, "delete", "[compact, delete]"),
    kafka("compression.gzip.level", integer, "-1", "[1,...,9] or -1"),
    kafka("compression.lz4.level", integer, "9", "[1,...,17]"),
    kafka("compression.type", string, "producer",
          "[uncompressed, zstd, lz4, snappy, gzip, producer]"),
    kafka("compression.zstd.level", integer, "3", "[-131072,...,22]"),
    kafka("delete.retention.ms", long_integer, "86400000", "[0,...]"),
    own("durability", string, "fsync", "[fsync, page-cache]"),
    kafka("file.delete.delay.ms", long_integer, "60000", "[0,...]"),
    kafka("flush.messages", long_integer, "9223372036854775807", "[1,...]"),
    kafka("flush.ms", long_integer, "9223372036854775807", "[0,...]"),
    kafka("follower.replication.throttled.replicas", list, "",
          "[partitionId]:[brokerId],[partitionId]:[brokerId],..."),
    kafka("index.interval.bytes", integer, "4096", "[0,...]"),
    kafka("leader.replication.throttled.replicas", list, "",
          "[partitionId]:[brokerId],[partitionId]:[brokerId],..."),
    kafka("local.retention.bytes", long_integer, "-2", "[-2,...]"),
    kafka("local.retention.ms", long_integer, "-2", "[-2,...]"),
    kafka("max.compaction.lag.ms", long_integer, "9223372036854775807", "[1,...]"),
    kafka("max.message.bytes", integer, "1048588", "[0,...]"),
    kafka("message.timestamp.after.max.ms", long_integer, "3600000", "[0,...]"),
    kafka("message.timestamp.before.max.ms", long_integer, "9223372036854775807", "[0,...]"),
    kafka("message.timestamp.type", string, "CreateTime", "[CreateTime, LogAppendTime]"),
    kafka("min.cleanable.dirty.ratio", real_number, "0.5", "[0,...,1]"),
    kafka("min.compaction.lag.ms", long_integer, "0", "[0,...]"),
    kafka("min.insync.replicas", integer, "1", "[1,...]"),
    kafka("preallocate", boolean, "false"),
    kafka("remote.log.copy.disable", boolean, "false"),
    kafka("remote.log.delete.on.disable", boolean, "false"),
    kafka("remote.storage.enable", boolean, "false"),
    kafka("retention.bytes", long_integer, "-1"),
    kafka("retention.ms", long_integer, "604800000", "[-1,...]"),
    kafka("segment.bytes", integer, "1073741824", "[1048576,...]"),
    kafka("segment.index.bytes", integer, "10485760", "[4,...]"),
    kafka("segment.jitter.ms", long_integer, "0", "[0,...]"),
    kafka("segment.ms", long_integer, "604800000", "[1,...]"),
    kafka("unclean.leader.election.enable", boolean, "false"),
};

constexpr Setting group_lines[] = {
    kafka("consumer.assignment.interval.ms", integer, "1000", "[0,...]"),
    kafka("consumer.heartbeat.interval.ms", integer, "5000", "[1,...]"),
    kafka("consumer.session.timeout.ms", integer, "45000", "[1,...]"),
    kafka("share.assignment.interval.ms", integer, "1000", "[0,...]"),
    kafka("share.auto.offset.reset", string, "latest",
          "[latest, earliest, by_duration:PnDTnHnMn.nS]"),
    kafka("share.delivery.count.limit", integer, "5", "[2,...]"),
    kafka("share.heartbeat.interval.ms", integer, "5000", "[1,...]"),
    kafka("share.isolation.level", string, "read_uncommitted",
          "[read_committed, read_uncommitted]"),
    kafka("share.partition.max.record.locks", integer, "2000", "[100,...]"),
    kafka("share.record.lock.duration.ms", integer, "30000", "[1000,...]"),
    kafka("share.renew.acknowledge.enable", boolean, "true"),
    kafka("share.session.timeout.ms", integer, "45000", "[1,...]"),
    kafka("streams.assignment.interval.ms", integer, "1000", "[0,...]"),
    kafka("streams.heartbeat.interval.ms", integer, "5000", "[1,...]"),
    kafka("streams.initial.rebalance.delay.ms", integer, "3000", "[0,...]"),
    kafka("streams.num.standby.replicas", integer, "0", "[0,...]"),
    kafka("streams.session.timeout.ms", integer, "45000", "[1,...]"),
};

}  // namespace

std::span<const Setting> topic() {
  static constexpr auto all =
      table(ConfigScope::topic, topic_lines, used_of_topics, unused_of_topics);
  return all;
}

std::span<const Setting> group() {
  static constexpr auto all = table(ConfigScope::group, group_lines, {});
  return all;
}

}  // namespace trialog::metadata::rows
