#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Asks for a part of a snapshot of a Raft log (KIP-630).
struct FetchSnapshotRequest {
  using Self = FetchSnapshotRequest;
  static constexpr Api api{.key = 59, .valid = "0-1", .flexible = "0+"};

  struct SnapshotId {
    using Self = SnapshotId;
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::end_offset>("EndOffset"),
        field<&Self::epoch>("Epoch"));
  };

  struct PartitionSnapshot {
    using Self = PartitionSnapshot;
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id;
    std::int64_t position = 0;
    Uuid replica_directory_id;

    static constexpr auto wire = fields(
        field<&Self::partition>("Partition"),
        field<&Self::current_leader_epoch>("CurrentLeaderEpoch"),
        field<&Self::snapshot_id>("SnapshotId"),
        field<&Self::position>("Position"),
        field<&Self::replica_directory_id>("ReplicaDirectoryId", "1+").tagged(0, "1+").ignorable());
  };

  struct TopicSnapshot {
    using Self = TopicSnapshot;
    std::string name;
    std::vector<PartitionSnapshot> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  std::optional<std::string> cluster_id;
  std::int32_t replica_id = -1;
  std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
  std::vector<TopicSnapshot> topics;

  static constexpr auto wire = fields(
      field<&Self::cluster_id>("ClusterId").nullable("0+").tagged(0, "0+"),
      field<&Self::replica_id>("ReplicaId"),
      field<&Self::max_bytes>("MaxBytes"),
      field<&Self::topics>("Topics"));
};

/// A part of a snapshot.
struct FetchSnapshotResponse {
  using Self = FetchSnapshotResponse;
  static constexpr Api api = FetchSnapshotRequest::api;

  struct SnapshotId {
    using Self = SnapshotId;
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::end_offset>("EndOffset"),
        field<&Self::epoch>("Epoch"));
  };

  struct LeaderIdAndEpoch {
    using Self = LeaderIdAndEpoch;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;

    static constexpr auto wire = fields(
        field<&Self::leader_id>("LeaderId"),
        field<&Self::leader_epoch>("LeaderEpoch"));
  };

  struct PartitionSnapshot {
    using Self = PartitionSnapshot;
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    SnapshotId snapshot_id;
    LeaderIdAndEpoch current_leader;
    std::int64_t size = 0;
    std::int64_t position = 0;
    Records unaligned_records;

    static constexpr auto wire = fields(
        field<&Self::index>("Index"),
        field<&Self::error_code>("ErrorCode"),
        field<&Self::snapshot_id>("SnapshotId"),
        field<&Self::current_leader>("CurrentLeader").tagged(0, "0+"),
        field<&Self::size>("Size"),
        field<&Self::position>("Position"),
        field<&Self::unaligned_records>("UnalignedRecords"));
  };

  struct TopicSnapshot {
    using Self = TopicSnapshot;
    std::string name;
    std::vector<PartitionSnapshot> partitions;

    static constexpr auto wire = fields(
        field<&Self::name>("Name"),
        field<&Self::partitions>("Partitions"));
  };

  struct NodeEndpoint {
    using Self = NodeEndpoint;
    std::int32_t node_id = 0;
    std::string host;
    std::uint16_t port = 0;

    static constexpr auto wire = fields(
        field<&Self::node_id>("NodeId", "1+"),
        field<&Self::host>("Host", "1+"),
        field<&Self::port>("Port", "1+"));
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicSnapshot> topics;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto wire = fields(
      field<&Self::throttle_time_ms>("ThrottleTimeMs").ignorable(),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::topics>("Topics"),
      field<&Self::node_endpoints>("NodeEndpoints", "1+").tagged(0, "1+"));
};

}  // namespace trialog::protocol
