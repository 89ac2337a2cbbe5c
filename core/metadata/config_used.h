#pragma once

#include <string_view>

/// Which settings change something, and what settings do, in a sentence for people with the unit of
/// the value. In order of name.
namespace trialog::metadata::rows {

struct About {
  std::string_view name;
  std::string_view text;
};

/// Who begins to use one adds it here.
inline constexpr About used_of_broker[] = {
    {"advertised.listeners",
     "The addresses that clients are told to connect to, as NAME://host:port."},
    {"auto.create.topics.enable",
     "Whether asking for the metadata of an unknown topic may create it."},
    {"auto.leader.rebalance.enable",
     "Whether the controller gives partitions back to their preferred leaders by itself."},
    {"broker.heartbeat.interval.ms",
     "How often a broker tells the controller that it lives, in milliseconds."},
    {"broker.id", "The old name of node.id."},
    {"broker.rack", "The rack that this broker stands in; replicas are spread over racks."},
    {"broker.session.timeout.ms",
     "How long a broker may be silent before its leaderships are given to others, in "
     "milliseconds."},
    {"cluster.id", "The id of the cluster; Trialog's own. Without it the first start draws one."},
    {"compression.gzip.level",
     "How hard gzip tries when the broker compresses, from 1 to 9; -1 is its default."},
    {"compression.lz4.level", "How hard lz4 tries when the broker compresses, from 1 to 17."},
    {"compression.type",
     "How batches are stored: with this codec, or as they come if it is producer."},
    {"compression.zstd.level", "How hard zstd tries when the broker compresses, up to 22."},
    {"connections.max.idle.ms",
     "How long a connection may be idle before it is closed, in milliseconds."},
    {"controlled.shutdown.enable", "Whether a broker hands over its leaderships before it stops."},
    {"controller.listener.names",
     "The names of those listeners that controllers answer at; the first one is used to "
     "reach other controllers."},
    {"controller.quorum.append.linger.ms",
     "How long the active controller gathers records before it writes them, in "
     "milliseconds."},
    {"controller.quorum.auto.join.enable",
     "Whether a controller that is no voter asks to become one."},
    {"controller.quorum.bootstrap.servers",
     "Controllers, as host:port, through which the quorum is found where its voters are "
     "not listed."},
    {"controller.quorum.election.backoff.max.ms",
     "The longest wait before another election after one that nobody won, in milliseconds."},
    {"controller.quorum.election.timeout.ms",
     "How long a candidate waits for votes, in milliseconds."},
    {"controller.quorum.fetch.max.bytes",
     "How much of the metadata log one fetch may bring, in bytes."},
    {"controller.quorum.fetch.snapshot.max.bytes",
     "How much of a metadata snapshot one fetch may bring, in bytes."},
    {"controller.quorum.fetch.timeout.ms",
     "How long a voter may hear nothing of the active controller before it calls an "
     "election, in milliseconds."},
    {"controller.quorum.request.timeout.ms",
     "How long a request to another controller may take, in milliseconds."},
    {"controller.quorum.retry.backoff.ms",
     "The wait before a failed request to a controller is sent again, in milliseconds."},
    {"controller.quorum.voters",
     "The voters of the quorum, as id@host:port, the same on every node."},
    {"default.replication.factor", "How many replicas a new topic has if nobody says."},
    {"delete.topic.enable", "Whether topics may be deleted."},
    {"durability",
     "When a record counts as kept; Trialog's own: fsync is on disk, page-cache is with "
     "the operating system."},
    {"fetch.max.bytes", "How large an answer to a fetch may be, in bytes."},
    {"initial.broker.registration.timeout.ms",
     "How long a starting broker tries to register before it gives up, in milliseconds."},
    {"inter.broker.listener.name", "The listener by which brokers reach each other."},
    {"leader.imbalance.check.interval.seconds",
     "How often the controller looks for leaders that are not the preferred ones, in "
     "seconds."},
    {"listener.security.protocol.map",
     "What each listener speaks, as NAME:PROTOCOL; Trialog serves PLAINTEXT."},
    {"listeners", "Where this node listens, as NAME://host:port."},
    {"log.cleanup.policy",
     "What becomes of old records: delete removes them by age and size, compact keeps the "
     "last of each key."},
    {"log.dir", "Directories of logs, for when log.dirs is not set."},
    {"log.dirs", "The directories that logs are kept in."},
    {"log.index.interval.bytes", "After how many bytes of batches the index gets an entry."},
    {"log.index.size.max.bytes", "How large the index of a segment may grow, in bytes."},
    {"log.message.timestamp.after.max.ms",
     "How far in the future the timestamp of a record may lie, in milliseconds."},
    {"log.message.timestamp.before.max.ms",
     "How far in the past the timestamp of a record may lie, in milliseconds."},
    {"log.message.timestamp.type",
     "Whose time records carry: the producer's (CreateTime) or the broker's "
     "(LogAppendTime)."},
    {"log.retention.bytes",
     "How large a partition may grow before its oldest segments are deleted, in bytes; -1 "
     "is no limit."},
    {"log.retention.check.interval.ms",
     "How often logs are looked through for what may be deleted, in milliseconds."},
    {"log.retention.hours",
     "How long records are kept, in hours, if neither minutes nor milliseconds are set; "
     "-1 is for ever."},
    {"log.retention.minutes",
     "How long records are kept, in minutes, if milliseconds are not set; -1 is for ever."},
    {"log.retention.ms", "How long records are kept, in milliseconds; -1 is for ever."},
    {"log.roll.hours",
     "After how long the next segment is begun, in hours, if milliseconds are not set."},
    {"log.roll.ms",
     "After how long the next segment is begun even if the last one is not full, in "
     "milliseconds."},
    {"log.segment.bytes",
     "How large a segment of a log grows before the next one is begun, in bytes."},
    {"log.segment.delete.delay.ms", "How long deleted segments stay on disk, in milliseconds."},
    {"max.connections", "How many connections may be open at a time; further ones wait."},
    {"max.connections.per.ip",
     "How many connections one address may have open; further ones are closed."},
    {"max.incremental.fetch.session.cache.slots", "How many fetch sessions are remembered."},
    {"max.request.partition.size.limit",
     "How many partitions one answer to DescribeTopicPartitions may have."},
    {"message.max.bytes", "How large a batch may be, in bytes, as it is stored."},
    {"metadata.log.dir", "The directory of the metadata log; without it the first log directory."},
    {"metadata.log.max.record.bytes.between.snapshots",
     "After how many bytes of new records a metadata snapshot is made."},
    {"metadata.log.max.snapshot.interval.ms",
     "After how long a metadata snapshot is made, in milliseconds, if there is anything "
     "new."},
    {"metadata.log.segment.bytes", "How large a segment of the metadata log grows, in bytes."},
    {"metadata.log.segment.ms",
     "After how long a new segment of the metadata log is begun, in milliseconds."},
    {"metadata.max.idle.interval.ms",
     "How often the active controller writes a record that changes nothing when it has no "
     "other, in milliseconds; 0 is never."},
    {"metadata.max.retention.bytes",
     "How large the metadata log and its snapshots may be before old parts are deleted, "
     "in bytes."},
    {"metadata.max.retention.ms",
     "How old parts of the metadata log may be that a snapshot covers, in milliseconds."},
    {"min.insync.replicas", "How many replicas must be in sync for a write with acks=all."},
    {"node.id", "The number of this node, which no other node of the cluster has."},
    {"num.partitions", "How many partitions a new topic has if nobody says."},
    {"process.roles", "What this node is: broker, controller or both."},
    {"producer.id.expiration.ms",
     "After how long without a batch an idempotent producer is forgotten, in milliseconds."},
    {"replica.fetch.backoff.ms",
     "The wait before a follower asks again after an error, in milliseconds."},
    {"replica.fetch.max.bytes",
     "How much of one partition a follower asks for at a time, in bytes."},
    {"replica.fetch.min.bytes",
     "How much a follower wants to get at least before it is answered, in bytes."},
    {"replica.fetch.response.max.bytes",
     "How much a follower asks one leader for at a time, in bytes."},
    {"replica.fetch.wait.max.ms",
     "How long the leader may wait for new records before it answers a follower, in "
     "milliseconds."},
    {"replica.high.watermark.checkpoint.interval.ms",
     "How often high watermarks are written to disk, in milliseconds."},
    {"replica.lag.time.max.ms",
     "How long a follower may lag before it no longer counts as in sync, in milliseconds."},
    {"replica.selector.class",
     "Which replica a consumer is told to read from; RackAwareReplicaSelector gives it "
     "one of its own rack."},
    {"replica.socket.timeout.ms",
     "How long a request to another broker may take, in milliseconds."},
    {"security.inter.broker.protocol",
     "What brokers speak with each other if no listener is named for it."},
    {"socket.request.max.bytes",
     "How large a request may be, in bytes; a larger one closes its connection."},
    {"unclean.leader.election.enable",
     "Whether a replica that may lack records may lead when no other can."},
};

inline constexpr About used_of_topics[] = {
    {"cleanup.policy",
     "What becomes of old records: delete removes them by age and size, compact keeps the "
     "last of each key."},
    {"compression.gzip.level",
     "How hard gzip tries when the broker compresses, from 1 to 9; -1 is its default."},
    {"compression.lz4.level", "How hard lz4 tries when the broker compresses, from 1 to 17."},
    {"compression.type",
     "How batches are stored: with this codec, or as they come if it is producer."},
    {"compression.zstd.level", "How hard zstd tries when the broker compresses, up to 22."},
    {"durability",
     "When a record counts as kept; Trialog's own: fsync is on disk, page-cache is with "
     "the operating system."},
    {"file.delete.delay.ms", "How long deleted segments stay on disk, in milliseconds."},
    {"follower.replication.throttled.replicas",
     "The replicas that follow under a limited rate, as partition:broker, or * for all."},
    {"index.interval.bytes", "After how many bytes of batches the index gets an entry."},
    {"leader.replication.throttled.replicas",
     "The replicas that are led under a limited rate, as partition:broker, or * for all."},
    {"max.message.bytes", "How large a batch may be, in bytes, as it is stored."},
    {"message.timestamp.after.max.ms",
     "How far in the future the timestamp of a record may lie, in milliseconds."},
    {"message.timestamp.before.max.ms",
     "How far in the past the timestamp of a record may lie, in milliseconds."},
    {"message.timestamp.type",
     "Whose time records carry: the producer's (CreateTime) or the broker's "
     "(LogAppendTime)."},
    {"min.insync.replicas", "How many replicas must be in sync for a write with acks=all."},
    {"retention.bytes",
     "How large a partition may grow before its oldest segments are deleted, in bytes; -1 "
     "is no limit."},
    {"retention.ms", "How long records are kept, in milliseconds; -1 is for ever."},
    {"segment.bytes", "How large a segment of a log grows before the next one is begun, in bytes."},
    {"segment.index.bytes", "How large the index of a segment may grow, in bytes."},
    {"segment.ms",
     "After how long the next segment is begun even if the last one is not full, in "
     "milliseconds."},
    {"unclean.leader.election.enable",
     "Whether a replica that may lack records may lead when no other can."},
};

/// Those that are kept, to no effect; what they do in Kafka.
inline constexpr About unused_of_topics[] = {
    {"delete.retention.ms",
     "How long compaction keeps the markers of deleted keys, in milliseconds."},
    {"flush.messages", "After how many records the log is synced to disk."},
    {"flush.ms", "How long a record may lie in memory before the log is synced, in milliseconds."},
    {"local.retention.bytes",
     "How much of a partition stays on local disk when the rest is in remote storage, in "
     "bytes."},
    {"local.retention.ms",
     "How long records stay on local disk when they are in remote storage, in "
     "milliseconds."},
    {"max.compaction.lag.ms", "How long a record may remain uncompacted, in milliseconds."},
    {"min.cleanable.dirty.ratio",
     "Which part of a log must be uncompacted for compaction to begin, from 0 to 1."},
    {"min.compaction.lag.ms", "How long a record remains uncompacted at least, in milliseconds."},
    {"preallocate", "Whether the file of a new segment gets its full size at once."},
    {"remote.log.copy.disable", "Whether nothing more is copied to remote storage."},
    {"remote.log.delete.on.disable",
     "Whether remote data are deleted when remote storage is turned off."},
    {"remote.storage.enable", "Whether older segments are moved to remote storage."},
    {"segment.jitter.ms", "By how much segment.ms is varied by chance, in milliseconds."},
};

}  // namespace trialog::metadata::rows
