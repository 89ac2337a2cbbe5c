#include <algorithm>

#include "core/replication/replica_host.h"

namespace trialog::replication {
namespace {

constexpr Duration hurry_for = seconds(1);
constexpr Duration hurried_wait = milliseconds(10);

/// "3:1,0:2" (partition:broker) or "*", as leader.replication.throttled.replicas is written.
bool names(const metadata::Settings& settings, std::string_view setting, std::int32_t partition,
           NodeId broker) {
  const auto found = settings.find(setting);
  if (found == settings.end()) return false;
  const auto wanted = std::to_string(partition) + ":" + std::to_string(broker.value);
  for (const auto& each : metadata::list_value(found->second)) {
    if (each == "*" || each == wanted) return true;
  }
  return false;
}

void set_limit(Throttle& throttle, const metadata::Settings& broker, std::string_view setting) {
  const auto found = broker.find(setting);
  const auto rate = found == broker.end() ? std::nullopt : metadata::integer_value(found->second);
  throttle.limit(rate.value_or(Throttle::unlimited));
}

}  // namespace

void ReplicaHost::set_throttles() {
  set_limit(leader_throttle_, broker_, "leader.replication.throttled.rate");
  set_limit(follower_throttle_, broker_, "follower.replication.throttled.rate");
}

std::size_t ReplicaHost::min_isr(const metadata::Settings& topic) const {
  const auto text = metadata::topic_value("min.insync.replicas", topic, broker_);
  const auto number = metadata::integer_value(text.value_or("1")).value_or(1);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(number, 1, 1000));
}

bool ReplicaHost::may_lead(const Replica& replica) const {
  if (env_.bugs.has(Bug::leader_resumes_after_restart)) return true;
  if (!shows_registration(*image_)) return false;
  const auto old = old_epochs_.find(Key(replica.topic_id, replica.partition.partition));
  return old == old_epochs_.end() || replica.leader_epoch > old->second;
}

/// Whether the image is of after our registration, whose offset is our epoch. An older one may show
/// what an earlier start led, and leaders that have long been deposed: if we followed one of those,
/// it would count us for what the cluster has decided without it.
bool ReplicaHost::shows_registration(const metadata::Image& image) const {
  return broker_epoch_ >= 0 && image.end() > Offset(broker_epoch_);
}

void ReplicaHost::registered(std::int64_t broker_epoch) {
  broker_epoch_ = broker_epoch;
  proposals_.registered(broker_epoch);
  for (const auto& [leader, fetcher] : fetchers_) fetcher->registered(broker_epoch);
  begin_to_follow();
}

void ReplicaHost::begin_to_follow() {
  if (follows_ || applied_ == nullptr || !shows_registration(*applied_)) return;
  follows_ = true;
  for (const auto& [key, replica] : replicas_) set_fetcher(replica);
}

void ReplicaHost::set_role(const std::shared_ptr<Replica>& replica,
                           const metadata::Partition& partition, std::size_t min_isr) {
  const Key key(replica->topic_id, replica->partition.partition);
  partition::Assignment assignment;
  assignment.leader = partition.leader;
  assignment.leader_epoch = partition.leader_epoch;
  assignment.partition_epoch = partition.partition_epoch;
  assignment.replicas = partition.replicas;
  assignment.isr = std::set<NodeId>(partition.isr.begin(), partition.isr.end());
  assignment.min_isr = min_isr;
  assignment.recovering = partition.recovering;
  replica->leader_epoch = partition.leader_epoch;
  if (!shows_registration(*image_)) old_epochs_[key] = partition.leader_epoch;

  const auto& settings =
      image_->settings({metadata::ResourceType::topic, replica->partition.topic});
  replica->leader_throttled =
      names(settings, "leader.replication.throttled.replicas", key.second, options_.self);
  replica->follower_throttled =
      names(settings, "follower.replication.throttled.replicas", key.second, options_.self);

  const auto* before = replica->leading();
  const auto led = before == nullptr ? no_epoch : before->epoch;
  replica->assign(std::move(assignment), may_lead(*replica));
  const auto* now = replica->leading();
  if (now != nullptr && now->epoch != led) hurry(*replica);
  set_fetcher(replica);
}

void ReplicaHost::set_fetcher(const std::shared_ptr<Replica>& replica) {
  if (!follows_) return;
  const Key key(replica->topic_id, replica->partition.partition);
  const bool follows = replica->usable() && replica->follows(replica->leader_epoch);
  const auto known = following_.find(key);
  if (known != following_.end() && (!follows || known->second != replica->leader)) {
    fetchers_.at(known->second)->leave(key);
    following_.erase(known);
  }
  if (!follows) return;
  auto& fetcher = fetchers_[replica->leader];
  if (!fetcher) {
    fetcher = std::make_unique<Fetcher>(env_, peers_, options_.fetch, follower_throttle_,
                                        options_.self, replica->leader);
    fetcher->registered(broker_epoch_);
  }
  fetcher->follow(replica);
  following_[key] = replica->leader;
}

void ReplicaHost::hurry(const Replica& replica) {
  const auto until = env_.clock.now() + hurry_for;
  bool anybody = false;
  for (const auto& [id, peer] : replica.leading()->peers) {
    hurried_until_[id] = until;
    anybody = true;
  }
  if (anybody) hurried_.raise();
}

Duration ReplicaHost::patience(NodeId follower) const {
  const auto found = hurried_until_.find(follower);
  const bool hurried = found != hurried_until_.end() && found->second > env_.clock.now();
  return hurried ? hurried_wait : Duration::max();
}

void ReplicaHost::describe(partition::FollowerFetch& fetch) const {
  const auto* broker = image_->broker(fetch.from);
  if (broker == nullptr) return;
  fetch.registered_epoch = broker->epoch;
  fetch.available = !broker->fenced && !broker->in_controlled_shutdown;
}

Task<void> ReplicaHost::check_isrs() {
  while (true) {
    co_await env_.clock.sleep(options_.lag_time_max / 4);
    for (const auto& [key, replica] : replicas_) {
      if (replica->usable()) replica->check_isr();
    }
  }
}

}  // namespace trialog::replication
