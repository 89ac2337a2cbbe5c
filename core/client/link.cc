#include "core/client/link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/cursor.h"
#include "core/protocol/messages/api_versions.h"

namespace trialog::client {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::RequestHeader;

constexpr std::size_t smallest_answer = 4;  // The correlation id.

}  // namespace

Link::Link(Env& env, const ConnectionOptions& options, Signal& news,
           std::unique_ptr<Connection> connection)
    : env_(env),
      options_(options),
      news_(news),
      connection_(std::move(connection)),
      reader_(*connection_, smallest_answer, options.max_answer_size),
      to_write_(env.executor),
      to_watch_(env.executor),
      tasks_(env.executor) {
  tasks_.spawn("client.write", write_requests());
  tasks_.spawn("client.read", read_answers());
  tasks_.spawn("client.watch", watch_deadlines());
}

Task<Status> Link::negotiate() {
  std::int16_t version = ApiVersionsRequest::api.valid.last;
  while (true) {
    std::int16_t lower = -1;
    auto agreed = co_await negotiate_with(version, lower);
    if (lower < 0) co_return agreed;
    version = lower;
  }
}

/// `try_next` becomes the version to ask in again, if the broker does not know this one.
Task<Status> Link::negotiate_with(std::int16_t version, std::int16_t& try_next) {
  ApiVersionsRequest request;
  request.client_software_name = "trialog";
  request.client_software_version = "0.1.0";
  const auto header = next_header(ApiVersionsRequest::api, version);
  auto answer = call(header, protocol::frame(header, request), Duration());
  auto body = co_await answer;
  if (!body) co_return failure(body.error());
  // A broker that does not know the version answers in version 0, whatever it was.
  const auto error = static_cast<ErrorCode>(Reader(body->view()).i16());
  const bool fell_back = error == ErrorCode::unsupported_version;
  const std::int16_t read_as = fell_back ? 0 : version;
  auto response = protocol::decode<ApiVersionsResponse>(*body, read_as);
  if (!response) co_return failure(response.error());
  if (error != ErrorCode::none && !fell_back) {
    std::string problem = "ApiVersions: " + std::string(error_name(error));
    co_return failure(IoError::Kind::refused, std::move(problem));
  }
  if (fell_back && version == 0) {
    co_return failure(IoError::Kind::refused, std::string("no common version of ApiVersions"));
  }
  for (const auto& api : response->api_keys) {
    theirs_[api.api_key] = protocol::Versions(api.min_version, api.max_version);
  }
  if (!fell_back) co_return Status();
  const auto known = version_of(ApiVersionsRequest::api, static_cast<std::int16_t>(version - 1));
  try_next = known.value_or(0);
  co_return Status();
}

std::optional<std::int16_t> Link::version_of(const protocol::Api& api, std::int16_t limit) const {
  const auto found = theirs_.find(api.key);
  if (found == theirs_.end()) return std::nullopt;
  const auto version = std::min({api.valid.last, found->second.last, limit});
  if (version < std::max(api.valid.first, found->second.first)) return std::nullopt;
  return version;
}

IoError Link::not_spoken(const protocol::Api& api) const {
  if (error_) return *error_;
  return IoError(IoError::Kind::refused, connection_->peer().text() +
                                             " and we have no common version of API " +
                                             std::to_string(api.key));
}

RequestHeader Link::next_header(const protocol::Api& api, std::int16_t version) {
  RequestHeader header{.request_api_key = api.key,
                       .request_api_version = version,
                       .correlation_id = next_correlation_id_,
                       .client_id = options_.client_id};
  next_correlation_id_ = (next_correlation_id_ + 1) & 0x7fffffff;
  return header;
}

Task<Result<Bytes>> Link::call(RequestHeader header, Result<Chain> frame, Duration wait) {
  auto sent = send(std::move(header), std::move(frame));
  if (!sent) return refused<Result<Bytes>>(sent.error());
  auto& call = **sent;
  call.deadline = env_.clock.now() + options_.request_timeout + wait;
  waiting_.push_back(*sent);
  if (call.deadline < watched_) to_watch_.raise();
  return answer_to(*sent);
}

Task<Status> Link::post(RequestHeader header, Result<Chain> frame) {
  auto sent = send(std::move(header), std::move(frame));
  if (!sent) return refused<Status>(sent.error());
  leaving_.push_back(*sent);
  return end_of(*sent);
}

Result<Link::CallPtr> Link::send(RequestHeader header, Result<Chain> frame) {
  if (error_) return failure(*error_);
  if (!frame) return failure(frame.error());
  auto call = std::make_shared<Call>(env_.executor);
  call->header = std::move(header);
  outbox_.append(std::move(*frame));
  to_write_.raise();
  return call;
}

Task<Result<Bytes>> Link::answer_to(CallPtr call) {
  while (!call->ended) co_await call->done.wait();
  co_return std::move(call->answer);
}

Task<Status> Link::end_of(CallPtr call) {
  while (!call->ended) co_await call->done.wait();
  if (!call->answer) co_return failure(call->answer.error());
  co_return Status();
}

Task<void> Link::write_requests() {
  while (!error_) {
    if (outbox_.empty()) {
      co_await to_write_.wait();
      continue;
    }
    auto chain = std::exchange(outbox_, Chain());
    writing_ = std::exchange(leaving_, std::vector<CallPtr>());
    auto written = co_await connection_->write(std::move(chain));
    if (!written) fail(written.error());
    for (const auto& call : writing_) end(*call, Bytes());
    writing_.clear();
  }
}

Task<void> Link::read_answers() {
  while (!error_) {
    auto frame = co_await reader_.next();
    if (!frame) {
      fail(frame.error());
    } else if (auto matched = on_answer(*frame); !matched) {
      fail(matched.error());
    }
  }
}

Status Link::on_answer(const Bytes& frame) {
  if (waiting_.empty()) {
    return failure(IoError::Kind::corrupt, "an answer that nothing asked for");
  }
  const auto call = waiting_.front();
  auto header = protocol::decode_response_header(frame, call->header.request_api_key,
                                                 call->header.request_api_version);
  if (!header) return failure(header.error());
  if (header->message.correlation_id != call->header.correlation_id) {
    return failure(IoError::Kind::corrupt, "an answer to another request");
  }
  waiting_.pop_front();
  end(*call, frame.from(header->end));
  return Status();
}

Task<void> Link::watch_deadlines() {
  while (!error_) {
    watched_ = never;
    for (const auto& call : waiting_) watched_ = std::min(watched_, call->deadline);
    if (watched_ <= env_.clock.now()) {
      IoError late(IoError::Kind::timed_out,
                   connection_->peer().text() + " did not answer in time");
      fail(std::move(late));
      co_return;
    }
    auto moved = within(env_.executor, env_.clock, watched_, raised(to_watch_));
    co_await moved;
  }
}

void Link::end(Call& call, Result<Bytes> answer) {
  if (call.ended) return;
  call.ended = true;
  call.answer = std::move(answer);
  call.done.raise();
}

void Link::fail(IoError error) {
  if (error_) return;
  error_ = std::move(error);
  for (const auto& call : waiting_) end(*call, failure(*error_));
  for (const auto& call : writing_) end(*call, failure(*error_));
  for (const auto& call : leaving_) end(*call, failure(*error_));
  waiting_.clear();
  leaving_.clear();
  to_write_.raise();
  to_watch_.raise();
  news_.raise();
}

}  // namespace trialog::client
