#include "scenarios/runner/watcher.h"

namespace trialog::scenarios {
namespace {

const std::string data_directory = "/data/";

}  // namespace

/// A running node as the inspector looks at it. Remembers what it showed, to find what changed.
class Watcher::View : public NodeView {
 public:
  explicit View(SimCluster::Member& member) : member_(member) {}

  /// Whether there is anything to look at.
  bool open() {
    node_ = member_.node();
    if (node_ == nullptr) return false;
    if (life_ != member_.starts) shown_.clear(), readers_.clear();
    life_ = member_.starts;
    return true;
  }

  NodeId id() const override { return member_.plan.id; }
  std::int64_t life() const override { return life_; }
  std::shared_ptr<const metadata::Image> image() override { return node_->image(); }
  QuorumView quorum() override { return {}; }

  const std::vector<ReplicaView>& changed_replicas() override {
    changed_.clear();
    for (const auto& replica : node_->replicas().replicas()) {
      const auto& log = replica->log;
      if (log == nullptr || log->failed()) continue;
      ReplicaView now;
      now.partition = replica->partition;
      now.start = log->start();
      now.end = log->written_end();
      now.high_watermark = log->committed_end();
      now.epoch = replica->leader_epoch;
      now.leads = replica->leader == id();
      show(std::move(now));
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
  void show(ReplicaView now) {
    auto& before = shown_[now.partition];
    const bool same = before.start == now.start && before.end == now.end &&
                      before.high_watermark == now.high_watermark && before.epoch == now.epoch &&
                      before.leads == now.leads;
    if (same && before.partition == now.partition) return;
    before = now;
    changed_.push_back(std::move(now));
  }

  SimCluster::Member& member_;
  node::Node* node_ = nullptr;
  std::int64_t life_ = 0;
  std::map<TopicPartition, ReplicaView> shown_;
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
  if (event.kind == "machine.crash") lost_power(event.node);
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
  if (inspector_.image() != before) losses_.saw(*inspector_.image());
}

void Watcher::lost_power(sim::NodeIndex node) {
  const auto* member = cluster_.at(node);
  if (member == nullptr || !page_cache_) return;
  for (const auto& partition : losses_.lost_power(member->plan.id, inspector_.image())) {
    inspector_.excuse(partition);
  }
}

}  // namespace trialog::scenarios
