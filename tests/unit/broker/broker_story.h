#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/node.h"
#include "core/protocol/header.h"
#include "core/protocol/messages/create_topics.h"
#include "core/protocol/messages/delete_topics.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/metadata.h"
#include "core/protocol/messages/produce.h"
#include "core/records/build.h"
#include "sim/lone_node.h"

namespace trialog::broker {

/// A client that speaks frames, and whatever else it is told to. Each call steps the world until
/// the answer is there.
class RawClient {
 public:
  RawClient(sim::World& world, Env& env, Endpoint at);

  /// Bytes as they are. False if they could not be written within `limit`.
  bool send(Bytes bytes, Duration limit = seconds(10));
  bool send_hex(std::string_view hex) { return send(Bytes(from_hex(hex))); }
  /// The next frame without its length; nothing if the stream ends or `limit` passes before.
  std::optional<Bytes> receive(Duration limit = seconds(60));
  /// Whether the broker closes the connection, without another byte.
  bool is_closed(Duration limit = seconds(60));
  /// The client writes no more.
  void finish() { connection_->finish(); }
  void close() { connection_.reset(); }

  /// Sends a request and does not wait; its correlation id.
  template <class Request>
  std::int32_t ask(const Request& request, std::int16_t version) {
    protocol::RequestHeader header;
    header.request_api_key = Request::api.key;
    header.request_api_version = version;
    header.correlation_id = ++correlation_;
    header.client_id = client_id;
    auto frame = protocol::frame(header, request);
    EXPECT_TRUE(frame.has_value());
    EXPECT_TRUE(send(flat(*frame)));
    return correlation_;
  }
  /// The next answer, which must be to the request of this id.
  template <class Response>
  Response answer(std::int32_t correlation, std::int16_t version, Duration limit = seconds(60)) {
    const auto frame = receive(limit);
    EXPECT_TRUE(frame.has_value()) << "no answer";
    if (!frame) return Response();
    auto header = protocol::decode_response_header(*frame, Response::api.key, version);
    EXPECT_TRUE(header.has_value());
    EXPECT_EQ(header->message.correlation_id, correlation);
    auto response = protocol::decode<Response>(frame->from(header->end), version);
    EXPECT_TRUE(response.has_value()) << response.error().what();
    return response ? std::move(*response) : Response();
  }
  template <class Response, class Request>
  Response call(const Request& request, std::int16_t version, Duration limit = seconds(60)) {
    const auto correlation = ask(request, version);
    return answer<Response>(correlation, version, limit);
  }

  static Bytes flat(const Chain& chain);

  std::optional<std::string> client_id = "story";

 private:
  bool read_some(Duration limit);

  sim::World* world_;
  Env* env_;
  std::unique_ptr<trialog::Connection> connection_;
  std::vector<std::byte> unread_;
  bool ended_ = false;
  std::int32_t correlation_ = 100;
};

/// One broker in a simulated world, and clients of it on another machine.
class BrokerStory {
 public:
  explicit BrokerStory(metadata::Settings settings = {}, std::uint64_t seed = 1);
  ~BrokerStory();

  RawClient connect() { return RawClient(world(), client_.env(), Endpoint("node1", 9092)); }
  node::Node& node() { return *node_; }
  sim::World& world() { return broker_.world(); }
  sim::LoneNode& machine() { return broker_; }
  void pass(Duration time) { world().run_for(time); }

  /// Power loss, then a start on what the disk holds.
  void crashes();
  /// A clean stop and another start.
  void restarts();
  Status starts();
  /// For the next start.
  void set(const std::string& key, const std::string& value) { settings_[key] = value; }
  node::Options options() const;

  /// Creates a topic and waits for it.
  void has_topic(const std::string& name, std::int32_t partitions = 1,
                 const metadata::Settings& settings = {});
  void deletes(const std::string& name);
  Uuid topic_id(const std::string& name) { return node_->image()->topic(name)->id; }
  Offset end_of(const std::string& topic, std::int32_t partition = 0) {
    return node_->replicas().find(topic, partition)->log->committed_end();
  }

 private:
  metadata::Settings settings_;
  sim::LoneNode broker_;
  sim::Machine& client_;
  std::unique_ptr<node::Node> node_;
};

/// A batch of records without keys, as a producer sends it.
Bytes batch_of(std::vector<std::string> values, records::BatchOptions options = {});
protocol::ProduceRequest produce_request(const std::string& topic, Bytes records,
                                         std::int16_t acks = -1, std::int32_t partition = 0);
protocol::FetchRequest fetch_request(const std::string& topic, std::int64_t offset,
                                     std::int32_t partition = 0);
const protocol::ProduceResponse::PartitionProduceResponse& only_partition(
    const protocol::ProduceResponse& response);
const protocol::FetchResponse::PartitionData& only_partition(
    const protocol::FetchResponse& response);
/// The values of all records in a record set, in order.
std::vector<std::string> values_in(const protocol::Records& records);

}  // namespace trialog::broker
