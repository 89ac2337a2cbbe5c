#include "scenarios/runner/watcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace trialog::scenarios {
namespace {

const std::string data_directory = "/data/";

std::string text_of(const std::vector<NodeId>& list) {
  std::vector<std::int32_t> ids;
  for (const auto id : list) ids.push_back(id.value);
  return fmt::format("[{}]", fmt::join(ids, ","));
}

}  // namespace

/// A running node as the inspector looks at it. Remembers what it showed, to find what changed.
class Watcher::View : public NodeView {
 public:
  explicit View(SimCluster::Member& member) : member_(member) {}

  /// Whether there is anything to look at.
  bool open() {
    node_ = member_.node();
    if (node_ == nullptr) return false;
    if (life_ != member_.starts) {
      shown_.clear();
      readers_.clear();
      replicas_.clear();
      image_ = nullptr;
    }
    life_ = member_.starts;
    return true;
  }

  NodeId id() const override { return member_.plan.id; }
  std::int64_t life() const override { return life_; }
  std::shared_ptr<const metadata::Image> image() override { return node_->image(); }

  QuorumView quorum() override {
    QuorumView view;
    const auto& ballot = node_->quorum().ballot();
    view.epoch = ballot.epoch;
    if (ballot.leader) view.leader = *ballot.leader;
    if (ballot.vote) view.voted_for = ballot.vote->id;
    return view;
  }

  /// Whether it has voted for another one since this was last asked.
  bool voted_anew() {
    const auto now = quorum();
    const auto before = std::exchange(vote_, std::pair(now.epoch, now.voted_for));
    return now.voted_for && *now.voted_for != id() && vote_ != before;
  }

  const std::vector<ReplicaView>& changed_replicas() override {
    changed_.clear();
    show_metadata();
    const auto& host = node_->replicas();
    if (host.image() != image_) {
      image_ = host.image();
      replicas_ = host.replicas();
    }
    for (const auto& replica : replicas_) {
      if (replica->usable()) show_replica(*replica);
    }
    return changed_;
  }

  std::vector<BatchView> batches(const TopicPartition& partition, Offset from,
                                 Offset end) override {
    const auto reader = readers_.try_emplace(partition, member_.machine->volume(),
                                             data_directory + partition.text());
    return reader.first->second.batches(from, end);
  }

 private:
  void show_replica(const replication::Replica& replica) {
    const auto& log = *replica.log;
    auto& before = shown_[replica.topic_id][replica.partition.partition];
    const bool leads = replica.leads();
    const auto high_watermark = replica.high_watermark();
    const bool same = before.start == log.start() && before.end == log.written_end() &&
                      before.high_watermark == high_watermark &&
                      before.epoch == replica.leader_epoch && before.leads == leads;
    if (same) return;
    before.partition = replica.partition;
    before.start = log.start();
    before.end = log.written_end();
    before.log_end = log.end();
    before.high_watermark = high_watermark;
    before.epoch = replica.leader_epoch;
    before.leads = leads;
    before.newest_epoch = log.latest_epoch();
    changed_.push_back(before);
  }

  void show_metadata() {
    const auto& quorum = node_->quorum();
    const auto& log = *quorum.log();
    ReplicaView now;
    now.partition = log.partition();
    now.start = log.start();
    now.end = log.written_end();
    now.log_end = log.end();
    now.high_watermark = quorum.high_watermark();
    now.epoch = quorum.epoch();
    now.leads = quorum.leads();
    now.newest_epoch = log.latest_epoch();
    if (metadata_ == now || quorum.failed()) return;
    metadata_ = now;
    changed_.push_back(std::move(now));
  }

  using Replicas = std::vector<std::shared_ptr<replication::Replica>>;

  SimCluster::Member& member_;
  node::Node* node_ = nullptr;
  std::int64_t life_ = 0;
  std::shared_ptr<const metadata::Image> image_;  // That `replicas_` are from.
  Replicas replicas_;
  ReplicaView metadata_;
  std::pair<Epoch, std::optional<NodeId>> vote_;  // The last one, be it of an earlier life.
  std::map<Uuid, std::map<std::int32_t, ReplicaView>> shown_;
  std::map<TopicPartition, LogReader> readers_;
  std::vector<ReplicaView> changed_;
};

Watcher::Watcher(SimCluster& cluster, sim::Recorder* next, bool page_cache)
    : cluster_(cluster), next_(next), page_cache_(page_cache) {
  for (auto& member : cluster_.members()) {
    views_.emplace(member.machine->index(), std::make_unique<View>(member));
  }
}

Watcher::~Watcher() = default;

void Watcher::on_event(const sim::Happened& event) {
  catch_up();
  // The event is about to happen: a node is looked at when its turn is over.
  if (event.kind == "turn") turned_ = event.node;
  if (event.kind == "machine.crash") ended(event.node, LossBudget::End::power_lost);
  if (event.kind == "machine.stop") ended(event.node, LossBudget::End::killed);
  if (stirred_ && event.kind == "note" && event.detail.starts_with("quorum.role")) {
    const auto* member = cluster_.at(event.node);
    if (member != nullptr) stirred_(member->plan.host);
  }
  if (next_ != nullptr) next_->on_event(event);
}

void Watcher::catch_up() {
  if (turned_ == sim::nowhere) return;
  look(std::exchange(turned_, sim::nowhere));
}

void Watcher::look(sim::NodeIndex node) {
  const auto view = views_.find(node);
  if (view == views_.end() || !view->second->open()) return;
  const auto before = inspector_.image();
  inspector_.look(*view->second);
  if (voted_ && view->second->voted_anew()) voted_(cluster_.at(node)->plan.host);
  if (inspector_.image() == before) return;
  for (const auto& partition : losses_.saw(*inspector_.image())) inspector_.excuse(partition);
  if (tell_) tell_changes(node, before.get());
  if (stirred_ && before != nullptr) stir(before.get());
}

void Watcher::tell_changes(sim::NodeIndex node, const metadata::Image* before) {
  for (const auto& [name, topic] : inspector_.image()->topics()) {
    for (const auto& [index, now] : topic->partitions) {
      const auto* was = before == nullptr ? nullptr : before->partition(name, index);
      if (was != nullptr && *was == now) continue;
      const auto text =
          fmt::format("{}/{}: leader {}, epoch {}.{}, in sync {} of {}, eligible {}", name, index,
                      now.leader.value, now.leader_epoch.value, now.partition_epoch,
                      text_of(now.isr), text_of(now.replicas), text_of(now.eligible));
      tell_({cluster_.world().now(), node, Level::info, "partition", text});
    }
  }
}

/// A partition that has another leader or in-sync set: its leader, and who led before.
void Watcher::stir(const metadata::Image* before) {
  for (const auto& [name, topic] : inspector_.image()->topics()) {
    for (const auto& [index, now] : topic->partitions) {
      const auto* was = before->partition(name, index);
      if (was == nullptr || *was == now) continue;
      stir(now.leader);
      if (was->leader != now.leader) stir(was->leader);
    }
  }
}

void Watcher::stir(NodeId node) {
  const auto* member = cluster_.find(node);
  if (member != nullptr) stirred_(member->plan.host);
}

void Watcher::ended(sim::NodeIndex node, LossBudget::End how) {
  const auto* member = cluster_.at(node);
  if (member == nullptr || !page_cache_) return;
  // Who stopped in peace proves that when it is back.
  if (how == LossBudget::End::killed && member->process()->stopped()) return;
  for (const auto& partition : losses_.ended(member->plan.id, how, inspector_.image())) {
    inspector_.excuse(partition);
  }
}

}  // namespace trialog::scenarios
