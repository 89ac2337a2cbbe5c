#include "tests/unit/replication/replica_story.h"

#include <algorithm>

#include "core/records/build.h"

namespace trialog::replication::test {
namespace {

log::Options log_options(const metadata::Settings& topic, const metadata::Settings& broker) {
  return node::topic_options(topic, broker).log;
}

std::vector<std::int32_t> numbers(const std::vector<int>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

ReplicaNode::ReplicaNode(Env env, ReplicaStory& story, int id)
    : env_(std::move(env)),
      story_(story),
      id_(id),
      news_(env_.executor),
      image_came_(env_.executor),
      tasks_(env_.executor) {
  tasks_.spawn("start", run());
}

ReplicaNode::~ReplicaNode() = default;

Task<void> ReplicaNode::run() {
  log::DirectoryIdentity identity;
  identity.node_id = id_;
  auto options_for = [this](const TopicPartition&) {
    return log_options({}, story_.broker_settings);
  };
  auto opened = co_await log::LogDirectory::open(env_, "/data/logs", std::move(identity),
                                                 std::move(options_for));
  CHECK(opened.has_value());
  directory_ = std::move(*opened);
  peers_ = std::make_unique<client::ConnectionPool>(env_, client_options_, news_);
  auto options = story_.options;
  options.self = NodeId(id_);
  std::vector<log::LogDirectory*> directories(1, directory_.get());
  replicas_ = std::make_unique<ReplicaHost>(env_, directories, options, story_.broker_settings,
                                            &log_options, *peers_, *this);
  // What the controller said last; then we register, and it is told to us again.
  auto applied = co_await replicas_->apply(story_.image());
  CHECK(applied.has_value());
  replicas_->registered(story_.registers(id_));
  auto node_options = story_.node_options;
  node_options.id = NodeId(id_);
  node_options.rack = "rack" + std::to_string(id_);
  server_ = std::make_unique<ReplicaServer>(env_, node_options, *replicas_);
  while (true) {
    while (images_.empty()) co_await image_came_.wait();
    auto image = images_.front();
    images_.erase(images_.begin());
    std::map<NodeId, Endpoint> brokers;
    for (const auto& [broker, facts] : image->brokers()) {
      brokers.emplace(broker, Endpoint("node" + std::to_string(broker.value), 9092));
    }
    peers_->learn(brokers);
    auto done = co_await replicas_->apply(std::move(image));
    CHECK(done.has_value());
  }
}

void ReplicaNode::hear(std::shared_ptr<const metadata::Image> image) {
  images_.push_back(std::move(image));
  image_came_.raise();
}

Task<Result<protocol::AlterPartitionResponse>> ReplicaNode::alter_partition(
    protocol::AlterPartitionRequest request) {
  co_await env_.clock.sleep(milliseconds(5));
  co_return story_.decides(request);
}

ReplicaStory::ReplicaStory(std::uint64_t seed, int nodes, metadata::Settings broker)
    : broker_settings(std::move(broker)),
      datacenter_(seed),
      nodes_(nodes),
      image_(std::make_shared<const metadata::Image>()) {
  Random random(seed);
  topic_ = Uuid::random(random);
  options.lag_time_max = seconds(10);
  node_options.reads_from_same_rack = true;
  for (int id = 1; id <= nodes_; ++id) starts(id);
  CHECK(waits_until([this] {
    for (int id = 1; id <= nodes_; ++id) {
      if (!node(id).ready()) return false;
    }
    return true;
  }));
}

ReplicaNode& ReplicaStory::node(int id) {
  return static_cast<ReplicaNode&>(*machine(id).process());
}

void ReplicaStory::starts(int id) {
  machine(id).plant(bugs);
  machine(id).start(
      [this, id](Env env) { return std::make_unique<ReplicaNode>(std::move(env), *this, id); });
}

void ReplicaStory::change(const metadata::Record& record) {
  auto next = std::make_shared<metadata::Image>(*image_);
  CHECK(next->problem(record).empty());
  next->apply(record);
  image_ = std::move(next);
}

std::int64_t ReplicaStory::registers(int id) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = id;
  record.broker_epoch = image_->end().value;
  record.rack = "rack" + std::to_string(id);
  record.fenced = false;
  Random random(static_cast<std::uint64_t>(id));
  record.incarnation_id = Uuid::random(random);
  change(record);
  world().after(milliseconds(1), machine(id).index(), "story.tells", [this] { tells(); });
  return record.broker_epoch;
}

void ReplicaStory::creates(std::vector<int> replicas, std::vector<int> isr, int leader) {
  protocol::TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = topic_;
  change(topic);
  protocol::PartitionRecord record;
  record.partition_id = 0;
  record.topic_id = topic_;
  record.replicas = numbers(replicas);
  record.isr = numbers(isr.empty() ? replicas : isr);
  record.leader = leader == 0 ? replicas.front() : leader;
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  record.directories.resize(replicas.size());
  change(record);
  tells();
  CHECK(waits_until([&] { return replica(record.leader) && replica(record.leader)->leads(); }));
}

void ReplicaStory::elects(int leader, std::vector<int> isr) {
  protocol::PartitionChangeRecord record;
  record.partition_id = 0;
  record.topic_id = topic_;
  record.leader = leader;
  record.isr = numbers(isr);
  change(record);
  tells();
}

void ReplicaStory::assigns(std::vector<int> replicas, std::vector<int> adding) {
  protocol::PartitionChangeRecord record;
  record.partition_id = 0;
  record.topic_id = topic_;
  record.replicas = numbers(replicas);
  record.adding_replicas = numbers(adding);
  record.directories.emplace(replicas.size());
  change(record);
  tells();
}

void ReplicaStory::tells(std::vector<int> ids) {
  for (int id = 1; id <= nodes_; ++id) {
    const bool meant = ids.empty() || std::ranges::count(ids, id) > 0;
    if (meant && up(id)) node(id).hear(image_);
  }
}

protocol::AlterPartitionResponse ReplicaStory::decides(
    const protocol::AlterPartitionRequest& request) {
  protocol::AlterPartitionResponse response;
  const auto& asked = request.topics.front().partitions.front();
  auto& topic = response.topics.emplace_back();
  topic.topic_id = topic_;
  auto& answer = topic.partitions.emplace_back();
  std::vector<std::int32_t> isr;
  for (const auto& member : asked.new_isr_with_epochs) isr.push_back(member.broker_id);
  proposed = {isr.begin(), isr.end()};
  if (!agrees) {
    answer.error_code = ErrorCode::ineligible_replica;
    return response;
  }
  if (asked.leader_epoch != partition().leader_epoch.value ||
      asked.partition_epoch != partition().partition_epoch) {
    answer.error_code = ErrorCode::invalid_update_version;
    return response;
  }
  protocol::PartitionChangeRecord record;
  record.partition_id = 0;
  record.topic_id = topic_;
  record.isr = isr;
  change(record);
  answer.leader_id = partition().leader.value;
  answer.leader_epoch = partition().leader_epoch.value;
  answer.partition_epoch = partition().partition_epoch;
  answer.isr = isr;
  world().after(milliseconds(5), machine(1).index(), "story.tells", [this] { tells(); });
  return response;
}

void ReplicaStory::crashes(int id) { machine(id).crash(); }

void ReplicaStory::restarts(int id) {
  starts(id);
  CHECK(waits_until([&] { return node(id).ready(); }));
}

Offset ReplicaStory::appends(int id, int records) {
  for (int i = 0; i < records; ++i) {
    records::BatchBuilder builder{records::BatchOptions{}};
    const auto value = "v" + std::to_string(++values_);
    builder.add(wall_time(1'000), "key", value);
    auto leader = replica(id);
    auto appended = leader->log->append_as_leader(builder.build(), leader->leader_epoch);
    CHECK(appended.has_value());
  }
  return end(id);
}

bool ReplicaStory::waits_until(std::function<bool()> done, Duration within) {
  const auto until = world().now() + within;
  while (!done() && world().now() < until) world().run_for(milliseconds(1));
  return done();
}

bool ReplicaStory::commits(std::vector<int> ids, Offset end, Duration within) {
  return waits_until(
      [&] {
        return std::ranges::all_of(ids, [&](int id) {
          return up(id) && node(id).ready() && replica(id) && watermark(id) >= end;
        });
      },
      within);
}

std::vector<std::string> ReplicaStory::records(int id) {
  const auto log = replica(id)->log;
  std::vector<std::string> values;
  auto chain = run(id, log->read(log->start(), log->end(), 100u << 20));
  CHECK(chain.has_value());
  Bytes bytes;
  for (const auto& piece : chain->pieces()) {
    const auto& part = std::get<Bytes>(piece);
    for (std::size_t at = 0; at < part.size();) {
      const auto size = static_cast<std::size_t>(*records::Batch::size_at(part.view().subspan(at)));
      const auto batch = records::Batch::parse(part.slice(at, size));
      CHECK(batch.has_value());
      values.push_back(std::to_string(batch->leader_epoch().value) + "@" +
                       std::to_string(batch->base().value) + ":" + std::to_string(batch->crc()));
      at += size;
    }
  }
  return values;
}

}  // namespace trialog::replication::test
