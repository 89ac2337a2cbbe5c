#include "core/protocol/api.h"

#include <algorithm>
#include <vector>

#include "core/protocol/messages/add_raft_voter.h"
#include "core/protocol/messages/allocate_producer_ids.h"
#include "core/protocol/messages/alter_configs.h"
#include "core/protocol/messages/alter_partition.h"
#include "core/protocol/messages/alter_partition_reassignments.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/assign_replicas_to_dirs.h"
#include "core/protocol/messages/begin_quorum_epoch.h"
#include "core/protocol/messages/broker_heartbeat.h"
#include "core/protocol/messages/broker_registration.h"
#include "core/protocol/messages/clear_elr_record.h"
#include "core/protocol/messages/control_records.h"
#include "core/protocol/messages/controller_registration.h"
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
#include "core/protocol/messages/elect_leaders.h"
#include "core/protocol/messages/end_quorum_epoch.h"
#include "core/protocol/messages/envelope.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/fetch_snapshot.h"
#include "core/protocol/messages/find_coordinator.h"
#include "core/protocol/messages/headers.h"
#include "core/protocol/messages/incremental_alter_configs.h"
#include "core/protocol/messages/init_producer_id.h"
#include "core/protocol/messages/list_config_resources.h"
#include "core/protocol/messages/list_offsets.h"
#include "core/protocol/messages/list_partition_reassignments.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/metadata_records.h"
#include "core/protocol/messages/offset_for_leader_epoch.h"
#include "core/protocol/messages/produce.h"
#include "core/protocol/messages/producer_snapshot.h"
#include "core/protocol/messages/quorum_state.h"
#include "core/protocol/messages/remove_raft_voter.h"
#include "core/protocol/messages/unregister_broker.h"
#include "core/protocol/messages/update_features.h"
#include "core/protocol/messages/update_raft_voter.h"
#include "core/protocol/messages/vote.h"

namespace trialog::protocol {
namespace {

template <Message Request, Message Response>
ApiEntry entry(Versions served, Versions advertised) {
  ApiEntry api;
  api.key = Request::api.key;
  api.request = &schema_of<Request>();
  api.response = &schema_of<Response>();
  api.name = api.request->name;
  api.name.remove_suffix(std::string_view("Request").size());
  api.served = served;
  api.advertised = advertised;
  api.flexible = Request::api.flexible;
  return api;
}

template <Message Request, Message Response>
ApiEntry entry(Versions served) {
  return entry<Request, Response>(served, served);
}

/// For what nobody answers yet.
constexpr Versions none;

/// Produce is advertised from 0 on because old librdkafka gives up compression otherwise; versions
/// 0 to 2 would carry message formats that are gone. InitProducerId 6 is not stable in Kafka.
std::vector<ApiEntry> all_apis() {
  return {
      entry<ProduceRequest, ProduceResponse>("3-13", "0-13"),
      entry<FetchRequest, FetchResponse>("4-18"),
      entry<ListOffsetsRequest, ListOffsetsResponse>("1-11"),
      entry<MetadataRequest, MetadataResponse>("0-13"),
      entry<FindCoordinatorRequest, FindCoordinatorResponse>("0-6"),
      entry<ApiVersionsRequest, ApiVersionsResponse>("0-4"),
      entry<CreateTopicsRequest, CreateTopicsResponse>("0-7"),
      entry<DeleteTopicsRequest, DeleteTopicsResponse>("0-6"),
      entry<DeleteRecordsRequest, DeleteRecordsResponse>("0-2"),
      entry<InitProducerIdRequest, InitProducerIdResponse>("0-5"),
      entry<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>("0-4"),
      entry<DescribeConfigsRequest, DescribeConfigsResponse>("0-4"),
      entry<AlterConfigsRequest, AlterConfigsResponse>("0-2"),
      entry<DescribeLogDirsRequest, DescribeLogDirsResponse>("0-5"),
      entry<CreatePartitionsRequest, CreatePartitionsResponse>("0-3"),
      entry<ElectLeadersRequest, ElectLeadersResponse>("0-2"),
      entry<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>("0-1"),
      entry<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>("0-1"),
      entry<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>("0"),
      entry<VoteRequest, VoteResponse>("0-2"),
      entry<BeginQuorumEpochRequest, BeginQuorumEpochResponse>("0-1"),
      entry<EndQuorumEpochRequest, EndQuorumEpochResponse>("0-1"),
      entry<DescribeQuorumRequest, DescribeQuorumResponse>("0-2"),
      entry<AlterPartitionRequest, AlterPartitionResponse>("2-3"),
      entry<UpdateFeaturesRequest, UpdateFeaturesResponse>("0-2"),
      entry<EnvelopeRequest, EnvelopeResponse>(none),
      entry<FetchSnapshotRequest, FetchSnapshotResponse>("0-1"),
      entry<DescribeClusterRequest, DescribeClusterResponse>("0-2"),
      entry<DescribeProducersRequest, DescribeProducersResponse>("0"),
      entry<BrokerRegistrationRequest, BrokerRegistrationResponse>("0-4"),
      entry<BrokerHeartbeatRequest, BrokerHeartbeatResponse>("0-1"),
      entry<UnregisterBrokerRequest, UnregisterBrokerResponse>("0"),
      entry<AllocateProducerIdsRequest, AllocateProducerIdsResponse>("0"),
      entry<ControllerRegistrationRequest, ControllerRegistrationResponse>("0"),
      entry<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>("0"),
      entry<ListConfigResourcesRequest, ListConfigResourcesResponse>("0-1"),
      entry<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>("0"),
      entry<AddRaftVoterRequest, AddRaftVoterResponse>("0-1"),
      entry<RemoveRaftVoterRequest, RemoveRaftVoterResponse>("0"),
      entry<UpdateRaftVoterRequest, UpdateRaftVoterResponse>("0"),
  };
}

template <Message... T>
void add(std::vector<const Schema*>& to) {
  (to.push_back(&schema_of<T>()), ...);
}

std::vector<const Schema*> message_list() {
  std::vector<const Schema*> all;
  for (const auto& api : apis()) {
    all.push_back(api.request);
    all.push_back(api.response);
  }
  add<RequestHeader, ResponseHeader>(all);
  add<TopicRecord, PartitionRecord, PartitionChangeRecord, ConfigRecord, RemoveTopicRecord>(all);
  add<RegisterBrokerRecord, UnregisterBrokerRecord, FenceBrokerRecord, UnfenceBrokerRecord>(all);
  add<BrokerRegistrationChangeRecord, FeatureLevelRecord, ProducerIdsRecord, NoOpRecord>(all);
  add<BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord>(all);
  add<RegisterControllerRecord, LeaderChangeMessage, SnapshotHeaderRecord>(all);
  add<SnapshotFooterRecord, KRaftVersionRecord, VotersRecord, ProducerSnapshot>(all);
  add<ClearElrRecord, QuorumStateData>(all);
  return all;
}

}  // namespace

std::span<const ApiEntry> apis() {
  static const auto all = all_apis();
  return all;
}

const ApiEntry* find_api(std::int16_t key) {
  const auto found = std::ranges::lower_bound(apis(), key, {}, &ApiEntry::key);
  return found != apis().end() && found->key == key ? &*found : nullptr;
}

const ApiEntry* find_api(std::string_view name) {
  const auto found = std::ranges::find_if(apis(), [name](const ApiEntry& api) {
    return api.name == name || api.request->name == name || api.response->name == name;
  });
  return found != apis().end() ? &*found : nullptr;
}

std::span<const Schema* const> all_messages() {
  static const auto all = message_list();
  return all;
}

const Schema* find_message(std::string_view name) {
  const auto found = std::ranges::find(all_messages(), name, &Schema::name);
  return found != all_messages().end() ? *found : nullptr;
}

}  // namespace trialog::protocol
