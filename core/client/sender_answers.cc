#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "core/client/backoff.h"
#include "core/client/produce_error.h"
#include "core/client/sender.h"
#include "core/protocol/messages/produce.h"

namespace trialog::client {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

// From here on topics go by id alone (KIP-516).
constexpr std::int16_t last_version_with_names = 12;

std::int32_t milliseconds_of(Duration duration) {
  const auto ms = std::chrono::duration_cast<milliseconds>(duration).count();
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(ms, 0, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

void Sender::deliver(NodeId node, Load load) {
  bool all_have_ids = true;
  const auto request = request_of(load.sent, all_have_ids);
  const std::int16_t limit = all_have_ids ? Link::any : last_version_with_names;
  auto answer = options_.acks == Acks::none
                    ? told(load.link->tell(request, limit))
                    : load.link->ask<ProduceResponse>(request, Duration(), limit);
  auto& flights = flights_[node];
  flights.emplace_back(std::move(load.link), std::move(load.sent), std::move(answer));
  if (flights.size() == 1) tasks_.spawn("client.produce", take_answers(node));
}

Task<Result<ProduceResponse>> Sender::told(Task<Status> telling) {
  auto told = co_await telling;
  if (!told) co_return failure(told.error());
  co_return ProduceResponse();
}

/// In the order of the requests, also if several answers come at once: what was sent first must be
/// known to have failed before what followed it counts as done.
Task<void> Sender::take_answers(NodeId node) {
  auto& flights = flights_[node];
  while (!flights.empty()) {
    auto answer = std::move(flights.front().answer);
    auto response = co_await answer;
    auto sent = std::move(flights.front().sent);
    const auto link = std::move(flights.front().link);
    flights.pop_front();
    on_landed(sent, response);
    wake();
  }
}

void Sender::on_landed(std::vector<Sent>& sent, Result<ProduceResponse>& response) {
  if (response && options_.acks != Acks::none) return on_answers(sent, *response);
  for (const auto& one : sent) response ? on_told(one) : on_lost(one, response.error());
}

ProduceRequest Sender::request_of(const std::vector<Sent>& sent, bool& all_have_ids) {
  ProduceRequest request;
  request.acks = static_cast<std::int16_t>(options_.acks);
  request.timeout_ms = milliseconds_of(options_.request_timeout);
  for (const auto& [lane, batch] : sent) {
    const auto& partition = lane->partition();
    if (request.topic_data.empty() || request.topic_data.back().name != partition.topic) {
      auto& topic = request.topic_data.emplace_back();
      topic.name = partition.topic;
      const auto* known = cluster_.metadata.find(partition.topic);
      if (known != nullptr) topic.topic_id = known->id;
      if (topic.topic_id.is_zero()) all_have_ids = false;
    }
    auto& data = request.topic_data.back().partition_data.emplace_back();
    data.index = partition.partition;
    data.records = Chain(batch->bytes());
  }
  return request;
}

void Sender::on_answers(std::vector<Sent>& sent, const ProduceResponse& response) {
  // Topics are named or have an id, as the version will have it; ours are in the order we sent.
  std::vector<bool> answered(sent.size());
  for (const auto& topic : response.responses) {
    for (const auto& answer : topic.partition_responses) {
      const auto found = std::ranges::find_if(sent, [&](const Sent& one) {
        const auto& partition = one.lane->partition();
        if (partition.partition != answer.index) return false;
        if (!topic.name.empty()) return partition.topic == topic.name;
        const auto* known = cluster_.metadata.find(partition.topic);
        return known != nullptr && known->id == topic.topic_id;
      });
      const auto index = static_cast<std::size_t>(found - sent.begin());
      if (found == sent.end() || answered[index]) continue;
      answered[index] = true;
      if (answer.error_code != ErrorCode::none &&
          answer.error_code != ErrorCode::duplicate_sequence_number) {
        on_refused(*found, ClientError(answer.error_code, answer.error_message.value_or("")));
        continue;
      }
      BatchFate::Verdict verdict{.outcome = Outcome::acknowledged};
      if (answer.error_code == ErrorCode::none) verdict.base = Offset(answer.base_offset);
      if (answer.log_append_time_ms >= 0) {
        verdict.append_time = wall_time(answer.log_append_time_ms);
      }
      found->lane->acknowledged(found->batch);
      settle(*found->batch, std::move(verdict));
    }
  }
  const IoError missing(IoError::Kind::corrupt, "the broker did not answer for the partition");
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (!answered[i]) on_lost(sent[i], missing);
  }
}

void Sender::on_told(const Sent& sent) {
  sent.batch->maybe_written = true;
  sent.lane->given_up(sent.batch);
  settle(*sent.batch, BatchFate::Verdict());
}

void Sender::on_lost(const Sent& sent, const IoError& error) {
  sent.batch->maybe_written = true;
  sent.batch->error = ClientError(error);
  cluster_.metadata.refresh();
  try_again(sent, options_.acks != Acks::none);
}

void Sender::on_refused(const Sent& sent, ClientError error) {
  const auto code = error.code();
  sent.batch->error = std::move(error);
  if (may_be_written(code)) sent.batch->maybe_written = true;
  if (refreshes_metadata(code)) cluster_.metadata.refresh();
  const bool gap = options_.enable_idempotence && is_sequence_gap(code);
  if (gap) sent.lane->on_gap(*sent.batch);
  try_again(sent, gap || is_retriable(code));
}

void Sender::try_again(const Sent& sent, bool worthwhile) {
  auto& batch = *sent.batch;
  const auto now = cluster_.env.clock.now();
  const bool expired = now >= batch.created + options_.delivery_timeout;
  if (!worthwhile || batch.tries > options_.retries || expired || batch.fate->settled()) {
    CHECK(batch.error.has_value());
    return give_up(*sent.lane, sent.batch, *batch.error);
  }
  const auto pause =
      backoff(options_.retry_backoff, options_.retry_backoff_max, batch.tries, random_);
  sent.lane->retry(sent.batch, now + pause);
}

void Sender::settle(PendingBatch& batch, BatchFate::Verdict verdict) {
  room_.give_back(std::exchange(batch.held, 0));
  if (!batch.fate->settled()) batch.fate->settle(std::move(verdict));
}

void Sender::give_up(Lane& lane, const Lane::Batch& batch, ClientError why) {
  lane.given_up(batch);
  BatchFate::Verdict verdict{.error = std::move(why)};
  verdict.outcome = batch->maybe_written ? Outcome::unknown : Outcome::not_written;
  settle(*batch, std::move(verdict));
}

void Sender::give_up(const ClientError& why) {
  each_lane([&](Lane& lane) {
    for (auto& batch : lane.take_expired(never)) give_up(lane, batch, why);
    for (const auto& batch : lane.in_flight()) {
      BatchFate::Verdict verdict{.outcome = Outcome::unknown, .error = why};
      settle(*batch, std::move(verdict));
    }
  });
}

Sender::~Sender() {
  const ClientError gone(IoError(IoError::Kind::closed, "the producer is gone"));
  each_lane([&](Lane& lane) {
    const auto abandon = [&](const PendingBatch& batch, Outcome outcome) {
      BatchFate::Verdict verdict{.outcome = outcome, .error = gone};
      if (!batch.fate->settled()) batch.fate->abandon(std::move(verdict));
    };
    for (const auto& batch : lane.in_flight()) abandon(*batch, Outcome::unknown);
    for (const auto& batch : lane.queue()) {
      abandon(*batch, batch->maybe_written ? Outcome::unknown : Outcome::not_written);
    }
  });
}

}  // namespace trialog::client
