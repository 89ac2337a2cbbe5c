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

/// So many logs are made, or removed, before others have a turn, as neither making nor renaming
/// files waits for anything.
constexpr std::size_t logs_together = 256;

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

Task<void> ReplicaHost::apply_topics(const metadata::Image& before, bool all) {
  const auto image = image_;
  auto changes = changed_topics(*image, before, all);
  co_await make_logs(changes);
  for (auto& change : changes) co_await take_over(std::move(change));
}

/// Both images have their topics in order of name, and share what did not change.
std::vector<ReplicaHost::Change> ReplicaHost::changed_topics(const metadata::Image& image,
                                                             const metadata::Image& before,
                                                             bool all) {
  std::vector<Change> changes;
  auto old = before.topics().begin();
  for (const auto& [name, topic] : image.topics()) {
    while (old != before.topics().end() && old->first < name) ++old;
    const bool known = old != before.topics().end() && old->first == name;
    const auto& settings = settings_of(image, name);
    const auto& settings_then = settings_of(before, name);
    const bool same = &settings == &settings_then || settings == settings_then;
    if (known && old->second == topic && same && !all) continue;
    const bool comparable = known && same && !all && old->second->id == topic->id;
    changes.push_back({topic, comparable ? old->second : nullptr, settings});
  }
  return changes;
}

Task<void> ReplicaHost::remove_old_topics(const metadata::Image& before) {
  std::vector<std::shared_ptr<Replica>> gone;
  const auto keys = gone_since(before);
  for (const auto& key : keys) {
    auto replica = co_await retire(key);
    gone.push_back(std::move(replica));
  }
  for (auto* directory : directories_) {
    std::vector<TopicPartition> logs;
    for (const auto& replica : gone) {
      if (directory_with(replica->partition, replica->topic_id) != directory) continue;
      logs.push_back(replica->partition);
      if (logs.size() >= logs_together) co_await remove(*directory, logs);
    }
    co_await remove(*directory, logs);
  }
}

std::vector<ReplicaHost::Key> ReplicaHost::gone_since(const metadata::Image& before) const {
  std::vector<Key> gone;
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
      gone.push_back(key);
    }
  }
  return gone;
}

Task<std::shared_ptr<Replica>> ReplicaHost::retire(Key key) {
  const auto found = replicas_.find(key);
  CHECK(found != replicas_.end());
  const auto replica = found->second;
  replicas_.erase(found);
  co_await replica->uncut();
  replica->retire();
  set_fetcher(replica);
  co_return replica;
}

Task<void> ReplicaHost::remove(log::LogDirectory& directory, std::vector<TopicPartition>& logs) {
  const auto partitions = std::exchange(logs, {});
  if (partitions.empty()) co_return;
  auto removed = co_await directory.remove(partitions);
  for (const auto& partition : partitions) note(removed, "replica.removed", partition);
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

/// A directory, how many logs it will have, and those among them that are to be made.
struct ReplicaHost::Making {
  log::LogDirectory* directory;
  std::size_t logs;
  std::vector<log::LogDirectory::NewLog> wanted;
};

Task<void> ReplicaHost::make_logs(const std::vector<Change>& changes) {
  std::vector<Making> all;
  for (auto* directory : directories_) {
    all.push_back({directory, directory->logs().size(), {}});
  }
  for (const auto& change : changes) {
    for (const auto& [index, partition] : change.topic->partitions) {
      const auto place = position(partition, options_.self);
      if (!place || replicas_.contains(Key(change.topic->id, index))) continue;
      const TopicPartition name(change.topic->name, index);
      if (directory_with(name, change.topic->id)) continue;
      const auto at = choose(all, partition.directories[*place]);
      if (at == all.end()) {
        env_.trace.note(Level::error, "replica.offline",
                        fmt::format("{}: its directory is not there", name.text()));
        continue;
      }
      if (at->directory->find(name)) {
        auto moved = co_await at->directory->set_aside(name);
        note(moved, "replica.stray", name);
        if (!moved) continue;
      }
      at->wanted.push_back({name, change.topic->id});
      ++at->logs;
      if (at->wanted.size() >= logs_together) co_await make(*at);
    }
  }
  for (auto& making : all) co_await make(making);
}

std::vector<ReplicaHost::Making>::iterator ReplicaHost::choose(std::vector<Making>& among,
                                                               const Uuid& assigned) {
  auto best = among.end();
  for (auto at = among.begin(); at != among.end(); ++at) {
    if (at->directory->failed()) continue;
    const auto& id = at->directory->identity().directory_id;
    if (!assigned.is_zero() && Uuid::parse(id) != assigned) continue;
    if (best == among.end() || at->logs < best->logs) best = at;
  }
  return best;
}

Task<void> ReplicaHost::make(Making& making) {
  auto wanted = std::exchange(making.wanted, {});
  if (wanted.empty()) co_return;
  const auto described =
      wanted.size() == 1 ? wanted.front().partition.text() : fmt::format("{} logs", wanted.size());
  auto created = co_await making.directory->create(std::move(wanted));
  if (created) co_return;
  env_.trace.note(Level::error, "replica.offline",
                  fmt::format("{}: {}", described, created.error().what()));
}

Task<void> ReplicaHost::take_over(Change change) {
  const auto options = log_options_(change.settings, broker_);
  const auto wanted = min_isr(change.settings);
  for (const auto& [index, partition] : change.topic->partitions) {
    if (!position(partition, options_.self)) continue;
    const auto replica = replica_of(*change.topic, index);
    replica->topic = change.topic;
    const auto* then = change.before ? change.before->partition(index) : nullptr;
    if (then != nullptr && *then == partition) continue;
    if (replica->usable()) replica->log->configure(options);
    co_await replica->uncut();
    set_role(replica, partition, wanted);
  }
}

std::shared_ptr<Replica> ReplicaHost::replica_of(const metadata::Topic& topic, std::int32_t index) {
  auto& replica = replicas_[Key(topic.id, index)];
  if (replica) return replica;
  const TopicPartition name(topic.name, index);
  auto* directory = directory_with(name, topic.id);
  auto log = directory ? directory->find(name) : nullptr;
  replica = std::make_shared<Replica>(services_, name, topic.id, std::move(log));
  return replica;
}

log::LogDirectory* ReplicaHost::directory_with(const TopicPartition& partition,
                                               const Uuid& topic_id) const {
  const auto found = std::ranges::find_if(directories_, [&](auto* directory) {
    const auto log = directory->find(partition);
    return log && log->topic_id() == topic_id;
  });
  return found == directories_.end() ? nullptr : *found;
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
