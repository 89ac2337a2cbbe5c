#include "tests/unit/client/fake_broker.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/env/frame_reader.h"
#include "core/protocol/messages/api_versions.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/init_producer_id.h"
#include "core/protocol/messages/list_offsets.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/produce.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::client {
namespace {

using namespace protocol;

Uuid topic_id(const std::string& name) {
  Uuid id;
  for (std::size_t i = 0; i < name.size() && i < 15; ++i) id.bytes[i + 1] = std::byte(name[i]);
  id.bytes[0] = std::byte(1);
  return id;
}

class FakeBroker : public sim::Process {
 public:
  FakeBroker(Env env, FakeState& state) : env_(env), state_(state), tasks_(env_.executor) {
    tasks_.spawn("fake.accept", accept());
  }

 private:
  Task<void> accept();
  Task<void> serve(std::unique_ptr<Connection> connection);
  Task<bool> handle(Connection& connection, Asked asked, RequestHeader header, Order order);
  template <class Response>
  Task<bool> reply(Connection& connection, RequestHeader header, Response response, Order order);

  ApiVersionsResponse versions(ErrorCode error);
  MetadataResponse metadata(const MetadataRequest& request);
  ProduceResponse produce(const ProduceRequest& request, const Order& order);
  FetchResponse fetch(const FetchRequest& request, const Order& order, std::size_t& bytes);
  ListOffsetsResponse offsets(const ListOffsetsRequest& request, const Order& order);
  std::string name_of(const std::string& name, const Uuid& id);
  FakePartition* find(const std::string& topic, std::int32_t partition);

  Env env_;
  FakeState& state_;
  std::unique_ptr<Listener> listener_;
  TaskGroup tasks_;
};

Task<void> FakeBroker::accept() {
  auto listener = env_.network.listen(Endpoint("", state_.endpoint.port()));
  CHECK(listener.has_value());
  listener_ = std::move(*listener);
  while (true) {
    auto connection = co_await listener_->accept();
    if (connection) tasks_.spawn("fake.serve", serve(std::move(*connection)));
  }
}

Task<void> FakeBroker::serve(std::unique_ptr<Connection> connection) {
  FrameReader frames(*connection, 8, 100u << 20);
  while (true) {
    auto frame = co_await frames.next();
    if (!frame) co_return;
    auto header = decode_request_header(*frame);
    CHECK(header.has_value());
    Asked asked{header->message.request_api_key, header->message.request_api_version, *frame,
                header->end};
    state_.asked.push_back(asked);
    const auto order = state_.script ? state_.script(asked) : Order();
    if (order.after > Duration(0)) co_await env_.clock.sleep(order.after);
    if (order.act == Act::hang_up) co_return;
    if (order.act == Act::mute) continue;
    auto go_on = co_await handle(*connection, std::move(asked), std::move(header->message), order);
    if (!go_on) co_return;
  }
}

template <class Response>
Task<bool> FakeBroker::reply(Connection& connection, RequestHeader header, Response response,
                             Order order) {
  if (order.act == Act::serve_mute) co_return true;
  if (order.act == Act::serve_and_hang_up) co_return false;
  ResponseHeader head{header.correlation_id};
  auto bytes = frame(head, response, header.request_api_version);
  CHECK(bytes.has_value());
  auto written = co_await connection.write(std::move(*bytes));
  co_return written.has_value();
}

Task<bool> FakeBroker::handle(Connection& connection, Asked asked, RequestHeader header,
                              Order order) {
  const auto known = state_.speaks.find(asked.api);
  const bool spoken = known != state_.speaks.end() && known->second.contains(asked.version);
  const auto body = asked.frame.from(asked.body);
  if (asked.api == ApiVersionsRequest::api.key) {
    auto response = versions(spoken ? ErrorCode::none : ErrorCode::unsupported_version);
    if (!spoken) header.request_api_version = 0;
    co_return co_await reply(connection, std::move(header), std::move(response), order);
  }
  CHECK(spoken);
  if (asked.api == MetadataRequest::api.key) {
    auto request = decode<MetadataRequest>(body, asked.version);
    auto response = metadata(*request);
    if (state_.retold) state_.retold(response);
    co_return co_await reply(connection, std::move(header), std::move(response), order);
  }
  if (asked.api == InitProducerIdRequest::api.key) {
    InitProducerIdResponse response;
    if (order.act == Act::refuse) response.error_code = order.error;
    if (order.act != Act::refuse) response.producer_id = state_.next_producer_id++;
    co_return co_await reply(connection, std::move(header), std::move(response), order);
  }
  if (asked.api == ListOffsetsRequest::api.key) {
    auto request = decode<ListOffsetsRequest>(body, asked.version);
    auto response = offsets(*request, order);
    co_return co_await reply(connection, std::move(header), std::move(response), order);
  }
  if (asked.api == ProduceRequest::api.key) {
    auto request = decode<ProduceRequest>(body, asked.version);
    auto response = produce(*request, order);
    if (request->acks == 0) co_return true;
    co_return co_await reply(connection, std::move(header), std::move(response), order);
  }
  CHECK(asked.api == FetchRequest::api.key);
  auto request = decode<FetchRequest>(body, asked.version);
  const auto deadline = env_.clock.now() + milliseconds(request->max_wait_ms);
  while (true) {
    std::size_t bytes = 0;
    auto response = fetch(*request, order, bytes);
    if (bytes > 0 || env_.clock.now() >= deadline) {
      co_return co_await reply(connection, std::move(header), std::move(response), order);
    }
    co_await env_.clock.sleep(milliseconds(5));
  }
}

ApiVersionsResponse FakeBroker::versions(ErrorCode error) {
  ApiVersionsResponse response;
  response.error_code = error;
  for (const auto& [key, range] : state_.speaks) {
    response.api_keys.push_back({key, range.first, range.last});
  }
  return response;
}

MetadataResponse FakeBroker::metadata(const MetadataRequest& request) {
  MetadataResponse response;
  const auto& leader = state_.leader == nullptr ? state_ : *state_.leader;
  response.brokers.push_back({state_.id.value, state_.endpoint.host(), state_.endpoint.port()});
  if (&leader != &state_) {
    response.brokers.push_back({leader.id.value, leader.endpoint.host(), leader.endpoint.port()});
  }
  response.controller_id = state_.id.value;
  for (const auto& wanted : *request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = wanted.name;
    if (!state_.topics.contains(*wanted.name)) {
      if (!request.allow_auto_topic_creation || state_.partitions_of_new_topics == 0) {
        topic.error_code = ErrorCode::unknown_topic_or_partition;
        continue;
      }
      state_.topics[*wanted.name].resize(static_cast<std::size_t>(state_.partitions_of_new_topics));
    }
    if (state_.has_topic_ids) topic.topic_id = topic_id(*wanted.name);
    for (std::size_t i = 0; i < state_.topics[*wanted.name].size(); ++i) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = static_cast<std::int32_t>(i);
      partition.leader_id = leader.id.value;
      partition.leader_epoch = state_.leader_epoch.value;
    }
  }
  return response;
}

std::string FakeBroker::name_of(const std::string& name, const Uuid& id) {
  if (!name.empty()) return name;
  for (const auto& [topic, partitions] : state_.topics) {
    if (topic_id(topic) == id) return topic;
  }
  return "";
}

FakePartition* FakeBroker::find(const std::string& topic, std::int32_t partition) {
  const auto found = state_.topics.find(topic);
  if (found == state_.topics.end()) return nullptr;
  if (static_cast<std::size_t>(partition) >= found->second.size()) return nullptr;
  return &found->second[static_cast<std::size_t>(partition)];
}

ProduceResponse FakeBroker::produce(const ProduceRequest& request, const Order& order) {
  ProduceResponse response;
  for (const auto& topic : request.topic_data) {
    auto& answers = response.responses.emplace_back();
    answers.name = topic.name;
    answers.topic_id = topic.topic_id;
    for (const auto& data : topic.partition_data) {
      auto& answer = answers.partition_responses.emplace_back();
      answer.index = data.index;
      auto* partition = find(name_of(topic.name, topic.topic_id), data.index);
      answer.error_code = order.error;
      if (order.act == Act::refuse) continue;
      if (partition == nullptr) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
        continue;
      }
      auto batch = records::Batch::parse(std::get<Bytes>(data.records->pieces()[0]));
      CHECK(batch.has_value());
      // What is kept must not share memory with the frame.
      auto own = records::Batch::parse(Bytes::copy_of(batch->bytes().view()));
      Offset base;
      const auto error = partition->append(std::move(*own), base);
      if (order.error == ErrorCode::none) answer.error_code = error;
      answer.base_offset = base.value;
    }
  }
  return response;
}

FetchResponse FakeBroker::fetch(const FetchRequest& request, const Order& order,
                                std::size_t& bytes) {
  FetchResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.responses.emplace_back();
    answers.topic = topic.topic;
    answers.topic_id = topic.topic_id;
    for (const auto& wanted : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = wanted.partition;
      auto* partition = find(name_of(topic.topic, topic.topic_id), wanted.partition);
      const Offset from(wanted.fetch_offset);
      answer.error_code = order.act == Act::refuse ? order.error : ErrorCode::none;
      if (partition == nullptr) answer.error_code = ErrorCode::unknown_topic_or_partition;
      if (partition != nullptr && (from < partition->start || from > partition->end)) {
        answer.error_code = ErrorCode::offset_out_of_range;
      }
      if (answer.error_code != ErrorCode::none) {
        ++bytes;
        continue;
      }
      answer.high_watermark = answer.last_stable_offset = partition->end.value;
      answer.records.emplace();
      const Epoch last(wanted.last_fetched_epoch);
      const auto [epoch, end] = partition->end_of(last);
      if (last != no_epoch && (epoch != last || end < from)) {
        answer.diverging_epoch.epoch = epoch.value;
        answer.diverging_epoch.end_offset = end.value;
        ++bytes;
        continue;
      }
      for (const auto& batch : partition->log) {
        if (batch.end() <= from) continue;
        const auto room = static_cast<std::size_t>(wanted.partition_max_bytes);
        if (!answer.records->empty() && answer.records->size() + batch.size() > room) break;
        answer.records->append(batch.bytes());
      }
      bytes += answer.records->size();
    }
  }
  return response;
}

ListOffsetsResponse FakeBroker::offsets(const ListOffsetsRequest& request, const Order& order) {
  ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& wanted : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = wanted.partition_index;
      answer.error_code = order.act == Act::refuse ? order.error : ErrorCode::none;
      const auto* partition = find(topic.name, wanted.partition_index);
      if (partition == nullptr) answer.error_code = ErrorCode::unknown_topic_or_partition;
      if (answer.error_code != ErrorCode::none) continue;
      if (wanted.timestamp == -2) answer.offset = partition->start.value;
      if (wanted.timestamp == -1) answer.offset = partition->end.value;
      for (const auto& batch : partition->log) {
        // Tests put one record into a batch where they ask for times.
        if (wanted.timestamp < 0 || to_ms(batch.max_timestamp()) < wanted.timestamp) continue;
        answer.offset = batch.base().value;
        answer.timestamp = to_ms(batch.max_timestamp());
        break;
      }
    }
  }
  return response;
}

}  // namespace

ErrorCode FakePartition::append(records::Batch batch, Offset& base) {
  base = end;
  if (batch.producer_id() != no_producer) {
    auto& producer = producers[batch.producer_id().value];
    if (batch.producer_epoch() < producer.epoch) return ErrorCode::invalid_producer_epoch;
    if (batch.producer_epoch() > producer.epoch) {
      if (producer.epoch >= 0 && batch.base_sequence() != 0) {
        return ErrorCode::out_of_order_sequence_number;
      }
      producer = Producer();
      producer.epoch = batch.producer_epoch();
    }
    for (const auto& known : producer.batches) {
      if (known.first != batch.base_sequence() || known.last != batch.last_sequence()) continue;
      base = known.base;
      return ErrorCode::none;
    }
    if (!producer.batches.empty() &&
        batch.base_sequence() != ((producer.batches.back().last + 1) & 0x7fffffff)) {
      return ErrorCode::out_of_order_sequence_number;
    }
    producer.batches.push_back({batch.base_sequence(), batch.last_sequence(), end});
    if (producer.batches.size() > 5) producer.batches.pop_front();
  }
  batch.place(end, epoch);
  end = batch.end();
  log.push_back(std::move(batch));
  return ErrorCode::none;
}

std::pair<Epoch, Offset> FakePartition::end_of(Epoch wanted) const {
  std::pair<Epoch, Offset> result(no_epoch, start);
  for (const auto& batch : log) {
    if (batch.leader_epoch() <= wanted) result = {batch.leader_epoch(), batch.end()};
  }
  return result;
}

FakeState::FakeState() {
  using protocol::Versions;
  speaks[0] = Versions(0, 12);
  speaks[1] = Versions(4, 17);
  speaks[2] = Versions(1, 10);
  speaks[3] = Versions(0, 13);
  speaks[18] = Versions(0, 4);
  speaks[22] = Versions(0, 5);
}

std::size_t FakeState::count(std::int16_t api) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(asked, [api](const Asked& one) { return one.api == api; }));
}

std::vector<std::string> FakeState::values(const std::string& topic, std::int32_t partition) {
  std::vector<std::string> result;
  for (const auto& batch : topics[topic].at(static_cast<std::size_t>(partition)).log) {
    auto payload = records::uncompressed(batch, 100u << 20);
    CHECK(payload.has_value());
    records::RecordReader reader(batch, payload->view());
    records::Record record;
    while (reader.next(record)) result.emplace_back(as_text(*record.value));
  }
  return result;
}

std::unique_ptr<sim::Process> fake_broker(Env env, FakeState& state) {
  return std::make_unique<FakeBroker>(env, state);
}

}  // namespace trialog::client
