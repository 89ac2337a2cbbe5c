#include "core/replication/replica_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/replication/metadata_host.h"

namespace trialog::replication {
namespace {

std::optional<std::size_t> position(const metadata::Partition& partition, NodeId node) {
  const auto found = std::ranges::find(partition.replicas, node);
  if (found == partition.replicas.end()) return std::nullopt;
  return static_cast<std::size_t>(found - partition.replicas.begin());
}

const metadata::Settings& settings_of(const metadata::Image& image, const std::string& topic) {
  return image.settings({metadata::ResourceType::topic, topic});
}

}  // namespace

ReplicaHost::ReplicaHost(Env& env, std::vector<log::LogDirectory*> directories,
                         ReplicaOptions options, metadata::Settings file, LogOptions log_options,
                         client::ConnectionPool& peers, IsrChannel& controller)
    : env_(env),
      directories_(std::move(directories)),
      options_(options),
      file_(std::move(file)),
      log_options_(std::move(log_options)),
      peers_(peers),
      image_(std::make_shared<const metadata::Image>()),
      proposals_(env, controller, options.self),
      hurried_(env.executor),
      tasks_(env.executor),
      services_{env, partition::Options{options.self, options.lag_time_max, env.bugs}, proposals_,
                tasks_},
      mender_(env, *this, peers, options.self),
      mending_(env.executor) {
  CHECK(!directories_.empty());
  tasks_.spawn("isr", check_isrs());
  for (auto* directory : directories_) mending_.spawn("mender", mender_.run(*directory));
}

ReplicaHost::~ReplicaHost() = default;

Task<Status> ReplicaHost::apply(std::shared_ptr<const metadata::Image> image) {
  CHECK(image != nullptr);
  auto broker = image->broker_settings(options_.self, file_);
  const bool all = broker != broker_ || !begun_;
  broker_ = std::move(broker);
  set_throttles();
  const auto before = std::exchange(image_, image);
  co_await remove_old_topics(*before);
  if (!begun_) co_await set_strays_aside(*image);
  begun_ = true;
  co_await apply_topics(*before, all);
  applied_ = image;
  begin_to_follow();
  const bool alive = std::ranges::any_of(directories_, [](auto* d) { return !d->failed(); });
  if (!alive) co_return failure(IoError::Kind::broken, "all log directories have failed");
  co_return Status();
}

/// Both images have their topics in order of name, and share what did not change.
Task<void> ReplicaHost::apply_topics(const metadata::Image& before, bool all) {
  const auto image = image_;
  auto old = before.topics().begin();
  for (const auto& [name, topic] : image->topics()) {
    while (old != before.topics().end() && old->first < name) ++old;
    const bool known = old != before.topics().end() && old->first == name;
    const auto& settings = settings_of(*image, name);
    const auto& settings_then = settings_of(before, name);
    const bool same = &settings == &settings_then || settings == settings_then;
    if (known && old->second == topic && same && !all) continue;
    const bool comparable = known && same && !all && old->second->id == topic->id;
    auto then = comparable ? old->second : nullptr;
    co_await take_over(topic, std::move(then), settings);
  }
}

Task<void> ReplicaHost::remove_old_topics(const metadata::Image& before) {
  const auto image = image_;
  auto now = image->topics().begin();
  for (const auto& [name, topic] : before.topics()) {
    while (now != image->topics().end() && now->first < name) ++now;
    const bool known = now != image->topics().end() && now->first == name;
    if (known && now->second == topic) continue;
    for (const auto& [index, partition] : topic->partitions) {
      const Key key(topic->id, index);
      if (!replicas_.contains(key)) continue;
      const bool same = known && now->second->id == topic->id;
      const auto* partition_now = same ? now->second->partition(index) : nullptr;
      if (partition_now && position(*partition_now, options_.self)) continue;
      co_await remove(key);
    }
  }
}

Task<void> ReplicaHost::remove(Key key) {
  const auto found = replicas_.find(key);
  const auto replica = found->second;
  replicas_.erase(found);
  co_await replica->uncut();
  replica->retire();
  set_fetcher(replica);
  auto* directory = directory_with(replica->partition, replica->topic_id);
  if (!directory) co_return;
  auto removed = co_await directory->remove(replica->partition);
  note(removed, "replica.removed", replica->partition);
}

Task<void> ReplicaHost::set_strays_aside(const metadata::Image& image) {
  for (auto* directory : directories_) {
    for (const auto& log : directory->logs()) {
      if (log->partition() == metadata_partition()) continue;
      const auto topic = image.topic(log->topic_id());
      const bool ours = topic && topic->name == log->partition().topic;
      const auto* partition = ours ? topic->partition(log->partition().partition) : nullptr;
      if (partition && position(*partition, options_.self)) continue;
      const TopicPartition stray = log->partition();
      auto moved = co_await directory->set_aside(stray);
      note(moved, "replica.stray", stray);
    }
  }
}

Task<void> ReplicaHost::take_over(TopicPtr topic, TopicPtr before,
                                  const metadata::Settings& settings) {
  const auto options = log_options_(settings, broker_);
  const auto wanted = min_isr(settings);
  for (const auto& [index, partition] : topic->partitions) {
    if (!position(partition, options_.self)) continue;
    const auto replica = co_await replica_of(topic, index);
    replica->topic = topic;
    const auto* then = before ? before->partition(index) : nullptr;
    if (then != nullptr && *then == partition) continue;
    if (replica->usable()) replica->log->configure(options);
    co_await replica->uncut();
    set_role(replica, partition, wanted);
  }
}

Task<std::shared_ptr<Replica>> ReplicaHost::replica_of(TopicPtr topic, std::int32_t index) {
  const Key key(topic->id, index);
  if (const auto known = replicas_.find(key); known != replicas_.end()) co_return known->second;
  const auto& partition = *topic->partition(index);
  const auto place = position(partition, options_.self);
  auto log = co_await log_for(*topic, index, partition.directories[*place]);
  TopicPartition name(topic->name, index);
  auto replica = std::make_shared<Replica>(services_, std::move(name), topic->id, std::move(log));
  replicas_[key] = replica;
  co_return replica;
}

Task<std::shared_ptr<log::PartitionLog>> ReplicaHost::log_for(const metadata::Topic& topic,
                                                              std::int32_t index, Uuid assigned) {
  const TopicPartition partition(topic.name, index);
  if (auto* directory = directory_with(partition, topic.id)) co_return directory->find(partition);
  auto* directory = assigned.is_zero() ? emptiest() : directory_named(assigned);
  if (!directory || directory->failed()) {
    env_.trace.note(Level::error, "replica.offline",
                    fmt::format("{}: its directory is not there", partition.text()));
    co_return nullptr;
  }
  if (directory->find(partition)) {
    auto moved = co_await directory->set_aside(partition);
    note(moved, "replica.stray", partition);
    if (!moved) co_return nullptr;
  }
  auto created = co_await directory->create(partition, topic.id);
  if (created) co_return std::move(*created);
  env_.trace.note(Level::error, "replica.offline",
                  fmt::format("{}: {}", partition.text(), created.error().what()));
  co_return nullptr;
}

log::LogDirectory* ReplicaHost::directory_with(const TopicPartition& partition,
                                               const Uuid& topic_id) const {
  const auto found = std::ranges::find_if(directories_, [&](auto* directory) {
    const auto log = directory->find(partition);
    return log && log->topic_id() == topic_id;
  });
  return found == directories_.end() ? nullptr : *found;
}

log::LogDirectory* ReplicaHost::directory_named(const Uuid& id) const {
  const auto found = std::ranges::find_if(directories_, [&id](auto* directory) {
    return Uuid::parse(directory->identity().directory_id) == id;
  });
  return found == directories_.end() ? nullptr : *found;
}

log::LogDirectory* ReplicaHost::emptiest() const {
  log::LogDirectory* best = nullptr;
  for (auto* directory : directories_) {
    if (directory->failed()) continue;
    if (!best || directory->logs().size() < best->logs().size()) best = directory;
  }
  return best;
}

std::shared_ptr<Replica> ReplicaHost::find(std::string_view topic, std::int32_t partition) const {
  const auto known = image_->topics().find(topic);
  return known == image_->topics().end() ? nullptr : find(known->second->id, partition);
}

std::shared_ptr<Replica> ReplicaHost::find(const Uuid& topic_id, std::int32_t partition) const {
  const auto found = replicas_.find(Key(topic_id, partition));
  return found == replicas_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Replica>> ReplicaHost::replicas() const {
  std::vector<std::shared_ptr<Replica>> result;
  for (const auto& [key, replica] : replicas_) result.push_back(replica);
  std::ranges::sort(result, {}, [](const auto& replica) { return replica->partition; });
  return result;
}

Task<void> ReplicaHost::retain(Duration interval) {
  CHECK(interval > Duration::zero());
  while (true) {
    co_await env_.clock.sleep(interval);
    for (const auto& replica : replicas()) {
      const auto log = replica->log;
      if (!log || log->failed()) continue;
      auto done = co_await log->apply_retention(env_.clock.wall_now(), replica->high_watermark());
      if (!done && !log->failed()) note(done, "replica.retention", replica->partition);
    }
  }
}

void ReplicaHost::note(const Status& done, std::string_view kind,
                       const TopicPartition& partition) const {
  if (done) {
    env_.trace.note(Level::info, kind, partition.text());
  } else {
    env_.trace.note(Level::error, kind,
                    fmt::format("{}: {}", partition.text(), done.error().what()));
  }
}

}  // namespace trialog::replication
