#include "tests/unit/replication/quorum_server.h"

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

ApiVersionsResponse versions() {
  ApiVersionsResponse response;
  speak<ApiVersionsRequest>(response);
  speak<VoteRequest>(response);
  speak<BeginQuorumEpochRequest>(response);
  speak<EndQuorumEpochRequest>(response);
  speak<FetchRequest>(response);
  speak<FetchSnapshotRequest>(response);
  speak<UpdateRaftVoterRequest>(response);
  return response;
}

template <class Request>
Request decoded(const Bytes& frame, std::size_t at, std::int16_t version) {
  auto request = decode<Request>(frame.from(at), version);
  CHECK(request.has_value());
  return std::move(*request);
}

}  // namespace

QuorumServer::QuorumServer(Env& env, std::uint16_t port) : env_(env), tasks_(env.executor) {
  auto listening = env.network.listen(Endpoint("", port));
  CHECK(listening.has_value());
  listener_ = std::move(*listening);
}

void QuorumServer::serve(MetadataQuorum& quorum) {
  quorum_ = &quorum;
  tasks_.spawn("accept", accept());
}

Task<void> QuorumServer::accept() {
  while (true) {
    auto connection = co_await listener_->accept();
    if (connection) tasks_.spawn("client", serve_one(std::move(*connection)));
  }
}

Task<void> QuorumServer::serve_one(std::unique_ptr<Connection> connection) {
  Client client(env_);
  TaskGroup writing(env_.executor);
  FrameReader reader(*connection, 4, 100u << 20);
  writing.spawn("write", write_answers(*connection, client));
  while (true) {
    auto frame = co_await reader.next();
    if (!frame) co_return;
    auto slot = std::make_shared<Slot>();
    client.slots.push_back(slot);
    client.requests.spawn("request", answer(std::move(*frame), slot, client));
  }
}

Task<void> QuorumServer::answer(Bytes frame, std::shared_ptr<Slot> slot, Client& client) {
  auto chain = co_await reply(std::move(frame));
  CHECK(chain.has_value());
  slot->answer = std::move(*chain);
  client.answered.raise();
}

Task<void> QuorumServer::write_answers(Connection& connection, Client& client) {
  while (true) {
    if (client.slots.empty() || !client.slots.front()->answer) {
      co_await client.answered.wait();
      continue;
    }
    auto slot = client.slots.front();
    client.slots.pop_front();
    auto written = co_await connection.write(std::move(*slot->answer));
    if (!written) co_return;
  }
}

Task<Result<Chain>> QuorumServer::reply(Bytes bytes) {
  const auto decoded_header = decode_request_header(bytes);
  CHECK(decoded_header.has_value());
  const auto version = decoded_header->message.request_api_version;
  const auto at = decoded_header->end;
  ResponseHeader header;
  header.correlation_id = decoded_header->message.correlation_id;
  switch (decoded_header->message.request_api_key) {
    case ApiVersionsRequest::api.key:
      co_return frame(header, versions(), version);
    case VoteRequest::api.key: {
      auto asked = quorum_->vote(decoded<VoteRequest>(bytes, at, version), version);
      const auto answer = co_await asked;
      co_return frame(header, answer, version);
    }
    case BeginQuorumEpochRequest::api.key: {
      auto request = decoded<BeginQuorumEpochRequest>(bytes, at, version);
      auto told = quorum_->begin_quorum_epoch(std::move(request), version);
      const auto answer = co_await told;
      co_return frame(header, answer, version);
    }
    case EndQuorumEpochRequest::api.key: {
      auto request = decoded<EndQuorumEpochRequest>(bytes, at, version);
      auto told = quorum_->end_quorum_epoch(std::move(request), version);
      const auto answer = co_await told;
      co_return frame(header, answer, version);
    }
    case FetchRequest::api.key: {
      auto asked = quorum_->fetch(decoded<FetchRequest>(bytes, at, version), version);
      const auto answer = co_await asked;
      co_return frame(header, answer, version);
    }
    case FetchSnapshotRequest::api.key: {
      auto request = decoded<FetchSnapshotRequest>(bytes, at, version);
      auto asked = quorum_->fetch_snapshot(std::move(request), version);
      const auto answer = co_await asked;
      co_return frame(header, answer, version);
    }
    default: {
      auto told = quorum_->update_raft_voter(decoded<UpdateRaftVoterRequest>(bytes, at, version));
      const auto answer = co_await told;
      co_return frame(header, answer, version);
    }
  }
}

}  // namespace trialog::replication::test
