#include "core/base/check.h"
#include "core/broker/handlers/handlers.h"
#include "core/records/validate.h"

namespace trialog::broker::handlers {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartitionResponse = ProduceResponse::PartitionProduceResponse;

/// An append whose answer is held back until the log has kept it, or all in sync have.
struct Waiting {
  std::shared_ptr<replication::Replica> replica;
  Epoch epoch;
  Offset end;
  PartitionResponse* response;
};

void refuse(PartitionResponse& response, ErrorCode error, std::string message = {}) {
  response.error_code = error;
  response.base_offset = -1;
  response.log_append_time_ms = -1;
  response.log_start_offset = -1;
  if (!message.empty()) response.error_message = std::move(message);
}

void refuse(PartitionResponse& response, records::Refusal refusal) {
  for (auto& record : refusal.records) {
    auto& error = response.record_errors.emplace_back();
    error.batch_index = record.index;
    error.batch_index_error_message = std::move(record.message);
  }
  refuse(response, refusal.error, std::move(refusal.message));
}

/// The records as one piece of memory, as they came.
Bytes in_one_piece(const protocol::Records& records) {
  if (!records || records->empty()) return Bytes();
  CHECK(records->pieces().size() == 1);
  return std::get<Bytes>(records->pieces().front());
}

/// One request on its way into the logs.
class Append {
 public:
  Append(Broker& broker, const Context& context, const ProduceRequest& request)
      : broker_(broker), context_(context), request_(request), image_(broker.image()) {}

  void append_all(ProduceResponse& response) {
    response.responses.reserve(request_.topic_data.size());
    for (const auto& topic : request_.topic_data) {
      auto& out = response.responses.emplace_back();
      out.name = topic.name;
      out.topic_id = topic.topic_id;
      out.partition_responses.reserve(topic.partition_data.size());
      const auto found = find(topic);
      for (const auto& partition : topic.partition_data) {
        auto& answer = out.partition_responses.emplace_back();
        answer.index = partition.index;
        append(found.get(), partition, answer);
      }
    }
  }
  const std::vector<Waiting>& waiting() const { return waiting_; }

 private:
  std::shared_ptr<const metadata::Topic> find(const ProduceRequest::TopicProduceData& topic) const {
    return context_.version() >= 13 ? image_->topic(topic.topic_id) : image_->topic(topic.name);
  }

  /// What keeps everybody from appending here, or us from doing it as asked.
  ErrorCode obstacle(const metadata::Topic* topic, std::int32_t index,
                     const replication::Replica* replica) const {
    if (topic == nullptr) {
      return context_.version() >= 13 ? ErrorCode::unknown_topic_id
                                      : ErrorCode::unknown_topic_or_partition;
    }
    if (topic->partition(index) == nullptr) return ErrorCode::unknown_topic_or_partition;
    if (request_.acks < -1 || request_.acks > 1) return ErrorCode::invalid_required_acks;
    if (is_internal(topic->name) && context_.client_id() != "__admin_client") {
      return ErrorCode::invalid_topic_exception;
    }
    const auto error = leadership_error(broker_, replica);
    if (error != ErrorCode::none || request_.acks != -1) return error;
    return replica->isr_is_enough() ? ErrorCode::none : ErrorCode::not_enough_replicas;
  }

  void append(const metadata::Topic* topic, const ProduceRequest::PartitionProduceData& partition,
              PartitionResponse& answer) {
    const auto replica =
        topic == nullptr ? nullptr : broker_.replicas.find(topic->id, partition.index);
    const auto error = obstacle(topic, partition.index, replica.get());
    if (error != ErrorCode::none) {
      tell_leader(topic, partition.index, error, answer);
      return refuse(answer, error);
    }
    auto rules = broker_.settings_of(*topic).rules;
    rules.allow_zstd = context_.version() >= 7;
    rules.now = broker_.env.clock.wall_now();
    auto batch = records::validate(in_one_piece(partition.records), rules);
    if (!batch) return refuse(answer, std::move(batch.error()));
    if (request_.transactional_id || batch->is_transactional()) {
      return refuse(answer, ErrorCode::invalid_txn_state, "transactions are not served");
    }
    const bool append_time = batch->is_append_time();
    const auto time = batch->max_timestamp();
    auto appended = replica->log->append_as_leader(std::move(*batch), replica->leader_epoch);
    if (!appended) return refuse(answer, appended.error());
    answer.base_offset = appended->base.value;
    answer.log_append_time_ms = append_time ? to_ms(time) : -1;
    answer.log_start_offset = replica->log->start().value;
    waiting_.push_back({replica, replica->leader_epoch, appended->end, &answer});
  }

  /// From version 10 on, a client that asked the wrong node hears whom to ask (KIP-951).
  void tell_leader(const metadata::Topic* topic, std::int32_t index, ErrorCode error,
                   PartitionResponse& answer) const {
    if (context_.version() < 10 || error != ErrorCode::not_leader_or_follower) return;
    const auto* partition = topic->partition(index);
    answer.current_leader.leader_id = partition->leader.value;
    answer.current_leader.leader_epoch = partition->leader_epoch.value;
  }

  Broker& broker_;
  const Context& context_;
  const ProduceRequest& request_;
  Broker::ImagePtr image_;
  std::vector<Waiting> waiting_;
};

bool kept(const Waiting& waiting, bool by_all) {
  const auto& replica = *waiting.replica;
  if (!by_all) return replica.log->committed_end() >= waiting.end;
  return replica.leads_since(waiting.epoch) && replica.committed(waiting.end);
}

/// Why it will never be known here whether the batch is kept, or none.
ErrorCode given_up(const Waiting& waiting) {
  if (waiting.replica->log->failed()) return ErrorCode::kafka_storage_error;
  return waiting.replica->leads_since(waiting.epoch) ? ErrorCode::none
                                                     : ErrorCode::not_leader_or_follower;
}

/// Waits until the batch is kept, here or by all in sync, or `deadline` has passed.
Task<void> wait_until_kept(Broker& broker, const Waiting& waiting, bool by_all, Instant deadline) {
  auto& replica = *waiting.replica;
  std::optional<Deadlines::Entry> limit;
  auto& log = *replica.log;
  // Both are raised as well when the replica gets company or is left alone.
  if (deadline != never) limit.emplace(broker.deadlines, deadline, log.progress(), log.kept());
  while (!kept(waiting, by_all) && given_up(waiting) == ErrorCode::none &&
         !(limit && limit->passed())) {
    if (!by_all || replica.alone()) {
      co_await log.kept().until(waiting.end);
    } else {
      co_await replica.progress().wait();
    }
  }
  if (kept(waiting, by_all)) co_return;
  const auto error = given_up(waiting);
  refuse(*waiting.response, error == ErrorCode::none ? ErrorCode::request_timed_out : error);
}

}  // namespace

Task<ProduceResponse> produce(Broker& broker, const Context& context, ProduceRequest request) {
  ProduceResponse response;
  Append append(broker, context, request);
  append.append_all(response);
  if (request.acks == 0) co_return response;
  const auto deadline = request.acks == -1
                            ? broker.env.clock.now() + milliseconds(std::max(request.timeout_ms, 0))
                            : never;
  const bool by_all = request.acks == -1;
  for (const auto& waiting : append.waiting()) {
    if (!kept(waiting, by_all)) co_await wait_until_kept(broker, waiting, by_all, deadline);
    const bool few = by_all && !waiting.replica->maximal_isr_is_enough();
    if (few && waiting.response->error_code == ErrorCode::none) {
      refuse(*waiting.response, ErrorCode::not_enough_replicas_after_append);
    }
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
