#include "tests/unit/broker/broker_story.h"

#include "core/base/cursor.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::broker {

RawClient::RawClient(sim::World& world, Env& env, Endpoint at) : world_(&world), env_(&env) {
  auto connection =
      sim::run_for_result(*world_, *env_, env_->network.connect(std::move(at)), seconds(30));
  CHECK(connection.has_value());
  CHECK(connection->has_value());
  connection_ = std::move(**connection);
}

bool RawClient::send(Bytes bytes, Duration limit) {
  auto sent =
      sim::run_for_result(*world_, *env_, connection_->write(Chain(std::move(bytes))), limit);
  return sent && *sent;
}

bool RawClient::read_some(Duration limit) {
  std::byte piece[4096];
  auto count = sim::run_for_result(*world_, *env_, connection_->read(piece), limit);
  if (count && !*count) ended_ = true;
  if (!count || !*count) return false;
  unread_.insert(unread_.end(), piece, piece + **count);
  return true;
}

std::optional<Bytes> RawClient::receive(Duration limit) {
  while (true) {
    if (unread_.size() >= 4) {
      const auto size = static_cast<std::size_t>(Reader(unread_).i32());
      if (unread_.size() - 4 >= size) {
        auto frame = Bytes::copy_of(std::span<const std::byte>(unread_).subspan(4, size));
        unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(4 + size));
        return frame;
      }
    }
    if (!read_some(limit)) return std::nullopt;
  }
}

bool RawClient::is_closed(Duration limit) {
  if (!unread_.empty()) return false;
  if (!ended_) read_some(limit);
  return ended_ && unread_.empty();
}

Bytes RawClient::flat(const Chain& chain) {
  Buffer buffer(chain.size());
  for (const auto& piece : chain.pieces()) buffer.append(std::get<Bytes>(piece).view());
  return buffer.slice(0, buffer.size());
}

BrokerStory::BrokerStory(metadata::Settings settings, std::uint64_t seed)
    : settings_(std::move(settings)),
      broker_(seed, "node1"),
      client_(broker_.datacenter().machine("client")) {
  settings_.try_emplace("node.id", "1");
  settings_.try_emplace("listeners", "PLAINTEXT://node1:9092");
  settings_.try_emplace("log.dirs", "/data/logs");
  client_.start(sim::idle_program);
  const auto started = starts();
  if (!started) ADD_FAILURE() << started.error().what();
}

BrokerStory::~BrokerStory() = default;

node::Options BrokerStory::options() const {
  auto parsed = node::parse(settings_, false);
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
  CHECK(parsed.options.has_value());
  return std::move(*parsed.options);
}

Status BrokerStory::starts() {
  node_ = std::make_unique<node::Node>(broker_.env(), options());
  return broker_.run(node_->start());
}

void BrokerStory::crashes() {
  node_.reset();
  broker_.crash();
  const auto started = starts();
  if (!started) ADD_FAILURE() << started.error().what();
}

void BrokerStory::restarts() {
  const auto stopped = broker_.run(node_->stop());
  EXPECT_TRUE(stopped.has_value());
  node_.reset();
  broker_.reboot();
  const auto started = starts();
  if (!started) ADD_FAILURE() << started.error().what();
}

void BrokerStory::has_topic(const std::string& name, std::int32_t partitions,
                            const metadata::Settings& settings) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : settings) {
    auto& config = topic.configs.emplace_back();
    config.name = key;
    config.value = value;
  }
  auto client = connect();
  const auto made = client.call<protocol::CreateTopicsResponse>(request, 7);
  ASSERT_EQ(made.topics.size(), 1u);
  ASSERT_EQ(made.topics[0].error_code, ErrorCode::none)
      << made.topics[0].error_message.value_or("");
}

void BrokerStory::deletes(const std::string& name) {
  protocol::DeleteTopicsRequest request;
  request.topic_names.push_back(name);
  auto client = connect();
  const auto gone = client.call<protocol::DeleteTopicsResponse>(request, 5);
  ASSERT_EQ(gone.responses.size(), 1u);
  ASSERT_EQ(gone.responses[0].error_code, ErrorCode::none);
}

Bytes batch_of(std::vector<std::string> values, records::BatchOptions options) {
  records::BatchBuilder builder(options);
  for (const auto& value : values) {
    builder.add(wall_time(1'700'000'000'000), std::nullopt, as_bytes(value));
  }
  return builder.build().bytes();
}

protocol::ProduceRequest produce_request(const std::string& topic, Bytes records, std::int16_t acks,
                                         std::int32_t partition) {
  protocol::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 30'000;
  auto& out = request.topic_data.emplace_back();
  out.name = topic;
  auto& data = out.partition_data.emplace_back();
  data.index = partition;
  data.records.emplace(std::move(records));
  return request;
}

protocol::FetchRequest fetch_request(const std::string& topic, std::int64_t offset,
                                     std::int32_t partition) {
  protocol::FetchRequest request;
  request.max_wait_ms = 0;
  request.min_bytes = 1;
  request.max_bytes = 50 << 20;
  auto& out = request.topics.emplace_back();
  out.topic = topic;
  auto& wish = out.partitions.emplace_back();
  wish.partition = partition;
  wish.fetch_offset = offset;
  wish.partition_max_bytes = 1 << 20;
  return request;
}

const protocol::ProduceResponse::PartitionProduceResponse& only_partition(
    const protocol::ProduceResponse& response) {
  CHECK(response.responses.size() == 1);
  CHECK(response.responses[0].partition_responses.size() == 1);
  return response.responses[0].partition_responses[0];
}

const protocol::FetchResponse::PartitionData& only_partition(
    const protocol::FetchResponse& response) {
  CHECK(response.responses.size() == 1);
  CHECK(response.responses[0].partitions.size() == 1);
  return response.responses[0].partitions[0];
}

std::vector<std::string> values_in(const protocol::Records& records) {
  std::vector<std::string> values;
  if (!records) return values;
  auto left = RawClient::flat(*records);
  while (!left.empty()) {
    const auto size = records::Batch::size_at(left.view());
    CHECK(size.has_value());
    auto batch = records::Batch::parse(left.slice(0, static_cast<std::size_t>(*size)));
    CHECK(batch.has_value());
    auto payload = records::uncompressed(*batch, 64u << 20);
    CHECK(payload.has_value());
    records::RecordReader reader(*batch, payload->view());
    records::Record record;
    while (reader.next(record))
      values.emplace_back(as_text(record.value.value_or(std::span<const std::byte>())));
    CHECK(reader.status().has_value());
    left = left.from(static_cast<std::size_t>(*size));
  }
  return values;
}

}  // namespace trialog::broker
