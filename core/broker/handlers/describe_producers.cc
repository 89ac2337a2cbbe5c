#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;

/// Any replica answers, not only the leader: an administrator who looks for a hanging transaction
/// compares them.
ErrorCode trouble(const Broker& broker, const std::string& topic, std::int32_t partition,
                  const replication::Replica* replica) {
  if (broker.image()->partition(topic, partition) == nullptr) {
    return ErrorCode::unknown_topic_or_partition;
  }
  if (replica == nullptr) return ErrorCode::not_leader_or_follower;
  return replica->usable() ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

DescribeProducersResponse::ProducerState described(const log::KnownProducer& producer) {
  DescribeProducersResponse::ProducerState state;
  state.producer_id = producer.id.value;
  state.producer_epoch = producer.epoch;
  state.last_sequence = producer.last_sequence;
  state.last_timestamp = producer.last_timestamp;
  state.coordinator_epoch = producer.coordinator_epoch;
  state.current_txn_start_offset = producer.transaction_start;
  return state;
}

}  // namespace

DescribeProducersResponse describe_producers(Broker& broker, const Context&,
                                             DescribeProducersRequest request) {
  DescribeProducersResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto index : topic.partition_indexes) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = index;
      const auto replica = broker.replicas.find(topic.name, index);
      answer.error_code = trouble(broker, topic.name, index, replica.get());
      if (answer.error_code != ErrorCode::none) continue;
      for (const auto& producer : replica->log->producers()) {
        answer.active_producers.push_back(described(producer));
      }
    }
  }
  return response;
}

}  // namespace trialog::broker::handlers
