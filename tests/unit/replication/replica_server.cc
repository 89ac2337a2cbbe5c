#include "tests/unit/replication/replica_server.h"

#include "core/base/check.h"
#include "core/protocol/codec.h"
#include "core/protocol/header.h"
#include "core/protocol/messages/api_versions.h"

namespace trialog::replication::test {
namespace {

using namespace protocol;  // NOLINT

template <class Request>
void speak(ApiVersionsResponse& response) {
  auto& api = response.api_keys.emplace_back();
  api.api_key = Request::api.key;
  api.min_version = Request::api.valid.first;
  api.max_version = Request::api.valid.last;
}

template <class Request>
Request decoded(const Bytes& frame, std::size_t at, std::int16_t version) {
  auto request = decode<Request>(frame.from(at), version);
  CHECK(request.has_value());
  return std::move(*request);
}

broker::FetchSessions::Request wanted(const FetchRequest& request) {
  broker::FetchSessions::Request result;
  result.session_id = request.session_id;
  result.epoch = request.session_epoch;
  result.uses_topic_ids = true;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      auto& wish = result.wishes.emplace_back();
      wish.key.topic_id = topic.topic_id;
      wish.key.partition = partition.partition;
      wish.offset = Offset(partition.fetch_offset);
      wish.max_bytes = partition.partition_max_bytes;
      wish.current_leader_epoch = Epoch(partition.current_leader_epoch);
      wish.last_fetched_epoch = Epoch(partition.last_fetched_epoch);
      wish.log_start = Offset(partition.log_start_offset);
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const auto partition : topic.partitions) {
      auto& key = result.forgotten.emplace_back();
      key.topic_id = topic.topic_id;
      key.partition = partition;
    }
  }
  return result;
}

FetchResponse::PartitionData data_of(broker::FetchedPartition& partition) {
  FetchResponse::PartitionData data;
  data.partition_index = partition.wish.key.partition;
  data.error_code = partition.error;
  data.high_watermark = partition.high_watermark.value;
  data.log_start_offset = partition.log_start.value;
  data.preferred_read_replica = partition.preferred.value;
  if (partition.diverging) {
    data.diverging_epoch.epoch = partition.diverging->epoch.value;
    data.diverging_epoch.end_offset = partition.diverging->end.value;
  }
  data.records = std::move(partition.records);
  return data;
}

}  // namespace

ReplicaServer::ReplicaServer(Env& env, const node::Options& options, ReplicaHost& replicas)
    : env_(env),
      options_(options),
      replicas_(replicas),
      sessions_(10, env.random.fork("sessions")),
      tasks_(env.executor) {
  auto listening = env.network.listen(Endpoint("", 9092));
  CHECK(listening.has_value());
  listener_ = std::move(*listening);
  tasks_.spawn("accept", accept());
}

Task<void> ReplicaServer::accept() {
  while (true) {
    auto connection = co_await listener_->accept();
    if (connection) tasks_.spawn("client", serve_one(std::move(*connection)));
  }
}

Task<void> ReplicaServer::serve_one(std::unique_ptr<Connection> connection) {
  FrameReader reader(*connection, 4, 100u << 20);
  while (true) {
    auto request = co_await reader.next();
    if (!request) co_return;
    auto answer = co_await reply(std::move(*request));
    CHECK(answer.has_value());
    auto written = co_await connection->write(std::move(*answer));
    if (!written) co_return;
  }
}

Task<Result<Chain>> ReplicaServer::reply(Bytes bytes) {
  const auto asked = decode_request_header(bytes);
  CHECK(asked.has_value());
  const auto version = asked->message.request_api_version;
  ResponseHeader header;
  header.correlation_id = asked->message.correlation_id;
  if (asked->message.request_api_key == FetchRequest::api.key) {
    auto answering = fetch(decoded<FetchRequest>(bytes, asked->end, version));
    const auto answer = co_await answering;
    co_return frame(header, answer, version);
  }
  if (asked->message.request_api_key == ListOffsetsRequest::api.key) {
    const auto request = decoded<ListOffsetsRequest>(bytes, asked->end, version);
    co_return frame(header, list_offsets(request), version);
  }
  ApiVersionsResponse versions;
  speak<ApiVersionsRequest>(versions);
  speak<FetchRequest>(versions);
  speak<ListOffsetsRequest>(versions);
  co_return frame(header, versions, version);
}

Task<FetchResponse> ReplicaServer::fetch(FetchRequest request) {
  ++fetches_;
  FetchResponse response;
  auto session = sessions_.begin(env_.clock.now(), wanted(request));
  if (!session) {
    response.error_code = session.error();
    co_return response;
  }
  broker::FetchReader reader;
  reader.replica = NodeId(request.replica_state.replica_id);
  reader.broker_epoch = request.replica_state.replica_epoch;
  reader.rack = request.rack_id;
  reader.knows_followers = true;
  broker::FetchLimits limits;
  limits.max_bytes = request.max_bytes;
  limits.min_bytes = request.min_bytes;
  limits.max_wait = milliseconds(request.max_wait_ms);
  broker::FetchSource source(env_, options_, replicas_);
  broker::FetchRead read(source, reader, limits, session->wishes);
  co_await read.run();
  const bool incremental = session->session != nullptr;
  std::vector<broker::FetchOutcome> outcomes;
  for (auto& partition : read.partitions()) {
    outcomes.push_back(partition.outcome());
    const auto& key = partition.wish.key;
    if (incremental && !session->session->must_tell(key, outcomes.back())) continue;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = key.topic_id;
    topic.partitions.push_back(data_of(partition));
  }
  if (incremental) {
    response.session_id = session->session->id();
  } else if (session->kind == broker::FetchContext::Kind::full) {
    response.session_id =
        sessions_.remember(env_.clock.now(), true, std::move(session->wishes), outcomes);
  }
  co_return response;
}

ListOffsetsResponse ReplicaServer::list_offsets(const ListOffsetsRequest& request) const {
  ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      const auto replica = replicas_.find(topic.name, asked.partition_index);
      CHECK(replica != nullptr);
      answer.offset = (asked.timestamp == -1 ? replica->log->end() : replica->log->start()).value;
    }
  }
  return response;
}

}  // namespace trialog::replication::test
