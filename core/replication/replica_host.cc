#include "core/replication/replica_host.h"

#include <fmt/format.h>

#include <algorithm>

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

ReplicaHost::ReplicaHost(Env& env, std::vector<log::LogDirectory*> directories, NodeId self,
                         metadata::Settings file, LogOptions log_options)
    : env_(env),
      directories_(std::move(directories)),
      self_(self),
      file_(std::move(file)),
      log_options_(std::move(log_options)),
      image_(std::make_shared<const metadata::Image>()) {
  CHECK(!directories_.empty());
}

Task<Status> ReplicaHost::apply(std::shared_ptr<const metadata::Image> image) {
  CHECK(image != nullptr);
  co_await remove_deleted(*image);
  if (!begun_) co_await set_strays_aside(*image);
  begun_ = true;

  auto broker = image->broker_settings(self_, file_);
  const bool all = broker != broker_;
  broker_ = std::move(broker);
  for (const auto& [name, topic] : image->topics()) {
    const auto before = image_->topics().find(name);
    const bool same = before != image_->topics().end() && before->second == topic &&
                      settings_of(*image_, name) == settings_of(*image, name);
    if (same && !all) continue;
    co_await take_over(topic, settings_of(*image, name));
  }
  image_ = std::move(image);
  const bool alive = std::ranges::any_of(directories_, [](auto* d) { return !d->failed(); });
  if (!alive) co_return failure(IoError::Kind::broken, "all log directories have failed");
  co_return Status();
}

Task<void> ReplicaHost::remove_deleted(const metadata::Image& image) {
  std::vector<std::shared_ptr<const Replica>> gone;
  for (auto it = replicas_.begin(); it != replicas_.end();) {
    const auto topic = image.topic(it->first.first);
    const auto* partition = topic ? topic->partition(it->first.second) : nullptr;
    const bool keep = partition && position(*partition, self_);
    if (!keep) gone.push_back(it->second);
    it = keep ? std::next(it) : replicas_.erase(it);
  }
  for (const auto& replica : gone) {
    auto* directory = directory_with(replica->partition, replica->topic_id);
    if (!directory) continue;
    auto removed = co_await directory->remove(replica->partition);
    note(removed, "replica.removed", replica->partition);
  }
}

Task<void> ReplicaHost::set_strays_aside(const metadata::Image& image) {
  for (auto* directory : directories_) {
    for (const auto& log : directory->logs()) {
      if (log->partition() == metadata_partition()) continue;
      const auto topic = image.topic(log->topic_id());
      const bool ours = topic && topic->name == log->partition().topic;
      const auto* partition = ours ? topic->partition(log->partition().partition) : nullptr;
      if (partition && position(*partition, self_)) continue;
      const TopicPartition stray = log->partition();
      auto moved = co_await directory->set_aside(stray);
      note(moved, "replica.stray", stray);
    }
  }
}

Task<void> ReplicaHost::take_over(std::shared_ptr<const metadata::Topic> topic,
                                  const metadata::Settings& settings) {
  const auto options = log_options_(settings, broker_);
  for (const auto& [index, partition] : topic->partitions) {
    const auto place = position(partition, self_);
    if (!place) continue;
    const auto known = find(topic->id, index);
    auto log = known ? known->log : nullptr;
    if (!log) log = co_await log_for(*topic, index, partition.directories[*place]);
    if (log && !log->failed()) {
      log->configure(options);
      if (partition.leader == self_ && partition.leader_epoch > log->latest_epoch()) {
        log->begin_epoch(partition.leader_epoch);
      }
    }
    auto replica = std::make_shared<Replica>();
    replica->partition = TopicPartition(topic->name, index);
    replica->topic_id = topic->id;
    replica->log = std::move(log);
    replica->leader = partition.leader;
    replica->leader_epoch = partition.leader_epoch;
    replica->partition_epoch = partition.partition_epoch;
    replica->topic = topic;
    replicas_[Key(topic->id, index)] = std::move(replica);
  }
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

std::shared_ptr<const Replica> ReplicaHost::find(std::string_view topic,
                                                 std::int32_t partition) const {
  const auto known = image_->topics().find(topic);
  return known == image_->topics().end() ? nullptr : find(known->second->id, partition);
}

std::shared_ptr<const Replica> ReplicaHost::find(const Uuid& topic_id,
                                                 std::int32_t partition) const {
  const auto found = replicas_.find(Key(topic_id, partition));
  return found == replicas_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Replica>> ReplicaHost::replicas() const {
  std::vector<std::shared_ptr<const Replica>> result;
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
      auto done = co_await log->apply_retention(env_.clock.wall_now());
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
