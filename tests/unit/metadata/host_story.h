#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/replication/controller_channel.h"
#include "core/replication/metadata_host.h"
#include "core/replication/metadata_quorum.h"
#include "core/replication/producer_ids.h"
#include "core/replication/replica_host.h"
#include "sim/lone_node.h"

namespace trialog::replication::test {

/// A node without its server: log directories, a quorum of one, the controller on its log, and the
/// replicas, on a simulated machine. Starts at once; every verb waits until it is done.
class HostStory {
 public:
  explicit HostStory(std::uint64_t seed, std::vector<std::string> directories = {"/data/a"});
  ~HostStory();

  /// The power goes, and the node starts again on what its disk then holds.
  void crashes();
  void stops();
  /// Opens the directories, loads the metadata and registers. Tells why it could not.
  Status starts();
  /// The part of it before registering.
  Status loads();

  Uuid creates(const std::string& name, std::int32_t partitions = 1,
               metadata::Settings settings = {});
  void deletes(const std::string& name);
  /// Sets what holds for a topic, or for the broker if `topic` is empty.
  void sets(const std::string& topic, const std::string& name, const std::string& value);
  std::expected<ProducerId, ErrorCode> producer_id();
  std::expected<MetadataHost::Controller::Reply, ErrorCode> tries_to_create(std::string name);

  MetadataHost& metadata() { return *metadata_; }
  ProducerIds& producer_ids() { return *producer_ids_; }
  ReplicaHost& replicas() { return *replicas_; }
  const metadata::Image& image() { return *metadata_->image(); }
  /// The log of a partition; null if there is no such replica.
  std::shared_ptr<log::PartitionLog> log(const std::string& topic, std::int32_t partition = 0);
  /// Appends a record to it and waits until it is kept.
  Offset appends(const std::string& topic, std::int32_t partition = 0);
  log::LogDirectory& directory(std::size_t index = 0) { return *directories_.at(index); }
  log::PartitionLog& metadata_log();
  /// The names of the directories below `path` that contain `part`.
  std::vector<std::string> entries(const std::string& path, const std::string& part);
  /// Writes a file from the host into the simulated disk.
  void puts(const std::string& path, const std::vector<std::byte>& contents);
  /// From the next start on, these are the directories.
  void stands_on(std::vector<std::string> directories) { paths_ = std::move(directories); }
  sim::LoneNode& node() { return node_; }

 private:
  Status opens(const std::string& path);
  /// All but the directories ends.
  void ends();
  void forgets();

  sim::LoneNode node_;
  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<log::LogDirectory>> directories_;
  std::unique_ptr<MetadataQuorum> quorum_;
  std::unique_ptr<MetadataHost> metadata_;
  std::unique_ptr<ControllerChannel> channel_;
  std::unique_ptr<ControllerIsrChannel> isr_channel_;
  client::ConnectionOptions to_brokers_;
  std::unique_ptr<Signal> news_of_brokers_;
  std::unique_ptr<client::ConnectionPool> brokers_;  // It knows none.
  std::unique_ptr<ReplicaHost> replicas_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::uint64_t starts_ = 0;
  std::int64_t broker_epoch_ = -1;
};

/// A batch of one record, as a producer without a producer id sends it.
records::Batch one_record();

}  // namespace trialog::replication::test
