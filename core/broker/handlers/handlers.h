#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/broker/broker.h"
#include "core/protocol/messages/add_raft_voter.h"
#include "core/protocol/messages/alter_configs.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/begin_quorum_epoch.h"
#include "core/protocol/messages/create_partitions.h"
#include "core/protocol/messages/create_topics.h"
#include "core/protocol/messages/delete_records.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/describe_cluster.h"
#include "core/protocol/messages/describe_configs.h"
#include "core/protocol/messages/describe_log_dirs.h"
#include "core/protocol/messages/describe_producers.h"
#include "core/protocol/messages/describe_quorum.h"
#include "core/protocol/messages/describe_topic_partitions.h"
#include "core/protocol/messages/end_quorum_epoch.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/fetch_snapshot.h"
#include "core/protocol/messages/find_coordinator.h"
#include "core/protocol/messages/incremental_alter_configs.h"
#include "core/protocol/messages/init_producer_id.h"
#include "core/protocol/messages/list_config_resources.h"
#include "core/protocol/messages/list_offsets.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/offset_for_leader_epoch.h"
#include "core/protocol/messages/produce.h"
#include "core/protocol/messages/remove_raft_voter.h"
#include "core/protocol/messages/update_features.h"
#include "core/protocol/messages/update_raft_voter.h"
#include "core/protocol/messages/vote.h"

namespace trialog::broker {

/// What a request says besides its body.
class Context {
 public:
  Context(std::int16_t version, std::optional<std::string> client_id, const Client& client)
      : version_(version), client_id_(std::move(client_id).value_or("")), client_(client) {}
  std::int16_t version() const { return version_; }
  const std::string& client_id() const { return client_id_; }
  const Client& client() const { return client_; }

 private:
  std::int16_t version_;
  std::string client_id_;
  const Client& client_;
};

/// The handlers: one function a request, each giving the whole response with Kafka's errors in it.
/// Those that suspend outlive neither `broker` nor `context`. None needs another to be done first.
namespace handlers {

protocol::ApiVersionsResponse api_versions(Broker& broker, const Context& context,
                                           protocol::ApiVersionsRequest request);
Task<protocol::MetadataResponse> metadata(Broker& broker, const Context& context,
                                          protocol::MetadataRequest request);
protocol::DescribeClusterResponse describe_cluster(Broker& broker, const Context& context,
                                                   protocol::DescribeClusterRequest request);
protocol::DescribeTopicPartitionsResponse describe_topic_partitions(
    Broker& broker, const Context& context, protocol::DescribeTopicPartitionsRequest request);
protocol::FindCoordinatorResponse find_coordinator(Broker& broker, const Context& context,
                                                   protocol::FindCoordinatorRequest request);

/// Appends before it first suspends, in the order of the request.
Task<protocol::ProduceResponse> produce(Broker& broker, const Context& context,
                                        protocol::ProduceRequest request);
Task<protocol::FetchResponse> fetch(Broker& broker, const Context& context,
                                    protocol::FetchRequest request);
Task<protocol::ListOffsetsResponse> list_offsets(Broker& broker, const Context& context,
                                                 protocol::ListOffsetsRequest request);
protocol::OffsetForLeaderEpochResponse offset_for_leader_epoch(
    Broker& broker, const Context& context, protocol::OffsetForLeaderEpochRequest request);
protocol::DescribeProducersResponse describe_producers(Broker& broker, const Context& context,
                                                       protocol::DescribeProducersRequest request);
Task<protocol::DeleteRecordsResponse> delete_records(Broker& broker, const Context& context,
                                                     protocol::DeleteRecordsRequest request);
Task<protocol::InitProducerIdResponse> init_producer_id(Broker& broker, const Context& context,
                                                        protocol::InitProducerIdRequest request);

Task<protocol::CreateTopicsResponse> create_topics(Broker& broker, const Context& context,
                                                   protocol::CreateTopicsRequest request);
Task<protocol::DeleteTopicsResponse> delete_topics(Broker& broker, const Context& context,
                                                   protocol::DeleteTopicsRequest request);
Task<protocol::CreatePartitionsResponse> create_partitions(
    Broker& broker, const Context& context, protocol::CreatePartitionsRequest request);

Task<protocol::UpdateFeaturesResponse> update_features(Broker& broker, const Context& context,
                                                       protocol::UpdateFeaturesRequest request);
protocol::DescribeConfigsResponse describe_configs(Broker& broker, const Context& context,
                                                   protocol::DescribeConfigsRequest request);
protocol::ListConfigResourcesResponse list_config_resources(
    Broker& broker, const Context& context, protocol::ListConfigResourcesRequest request);
Task<protocol::AlterConfigsResponse> alter_configs(Broker& broker, const Context& context,
                                                   protocol::AlterConfigsRequest request);
Task<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    Broker& broker, const Context& context, protocol::IncrementalAlterConfigsRequest request);
Task<protocol::DescribeLogDirsResponse> describe_log_dirs(Broker& broker, const Context& context,
                                                          protocol::DescribeLogDirsRequest request);

// What the quorum of the metadata log answers. The first three are passed on to its leader.
Task<protocol::DescribeQuorumResponse> describe_quorum(Broker& broker, const Context& context,
                                                       protocol::DescribeQuorumRequest request);
Task<protocol::AddRaftVoterResponse> add_raft_voter(Broker& broker, const Context& context,
                                                    protocol::AddRaftVoterRequest request);
Task<protocol::RemoveRaftVoterResponse> remove_raft_voter(Broker& broker, const Context& context,
                                                          protocol::RemoveRaftVoterRequest request);
Task<protocol::FetchResponse> fetch_metadata(Broker& broker, const Context& context,
                                             protocol::FetchRequest request);
Task<protocol::FetchSnapshotResponse> fetch_snapshot(Broker& broker, const Context& context,
                                                     protocol::FetchSnapshotRequest request);
Task<protocol::VoteResponse> vote(Broker& broker, const Context& context,
                                  protocol::VoteRequest request);
Task<protocol::BeginQuorumEpochResponse> begin_quorum_epoch(
    Broker& broker, const Context& context, protocol::BeginQuorumEpochRequest request);
Task<protocol::EndQuorumEpochResponse> end_quorum_epoch(Broker& broker, const Context& context,
                                                        protocol::EndQuorumEpochRequest request);
Task<protocol::UpdateRaftVoterResponse> update_raft_voter(Broker& broker, const Context& context,
                                                          protocol::UpdateRaftVoterRequest request);

}  // namespace handlers
}  // namespace trialog::broker
