#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/check.h"
#include "core/metadata/placement.h"

namespace trialog::metadata {
namespace {

/// Brokers in a circle, which is entered one place further on for each partition.
class Circle {
 public:
  void add(NodeId id) { brokers_.push_back(id); }
  std::size_t size() const { return brokers_.size(); }
  void begin(Random& random) {
    if (!brokers_.empty()) start_ = random.below(brokers_.size());
  }
  void shuffle(Random& random) {
    for (std::size_t left = brokers_.size(); left > 1; --left) {
      std::swap(brokers_[left - 1], brokers_[random.below(left)]);
    }
    used_ = 0;
  }
  /// The next one for the partition of this round; nothing once it has all.
  std::optional<NodeId> next(std::size_t round) {
    if (brokers_.empty()) return std::nullopt;
    if (round_ != round) {
      round_ = round;
      used_ = 0;
      start_ = (start_ + 1) % brokers_.size();
    }
    if (used_ == brokers_.size()) return std::nullopt;
    return brokers_[(start_ + used_++) % brokers_.size()];
  }

 private:
  std::vector<NodeId> brokers_;
  std::size_t start_ = 0;
  std::size_t used_ = 0;
  std::size_t round_ = 0;
};

struct Rack {
  Circle unfenced;
  Circle fenced;

  std::optional<NodeId> next(std::size_t round) {
    const auto first = unfenced.next(round);
    return first ? first : fenced.next(round);
  }
};

/// Kafka's StripedReplicaPlacer: each partition takes one broker of each rack in turn, beginning at
/// another rack and at other brokers than the one before, so that leaders and replicas spread over
/// both. The leader is not fenced; the others are so only where a rack has no more of the rest.
class Striping {
 public:
  Striping(const Image& image, Random& random) : random_(random) {
    std::map<std::optional<std::string>, Rack> racks;
    for (const auto& [id, broker] : image.brokers()) {
      if (broker.in_controlled_shutdown) continue;
      auto& rack = racks[broker.rack];
      (broker.fenced ? rack.fenced : rack.unfenced).add(id);
    }
    for (auto& [name, rack] : racks) {
      total_ += rack.fenced.size() + rack.unfenced.size();
      unfenced_ += rack.unfenced.size();
      rack.unfenced.begin(random_);
      rack.fenced.begin(random_);
      racks_.push_back(std::move(rack));
    }
    if (!racks_.empty()) first_ = random_.below(racks_.size());
  }

  std::size_t total() const { return total_; }
  std::size_t unfenced() const { return unfenced_; }
  Replicas next(std::size_t factor);

 private:
  void shuffle();

  Random& random_;
  std::vector<Rack> racks_;
  std::size_t total_ = 0;
  std::size_t unfenced_ = 0;
  std::size_t first_ = 0;
  std::size_t round_ = 0;
};

void Striping::shuffle() {
  for (auto& rack : racks_) {
    rack.unfenced.shuffle(random_);
    rack.fenced.shuffle(random_);
  }
  for (std::size_t left = racks_.size(); left > 1; --left) {
    std::swap(racks_[left - 1], racks_[random_.below(left)]);
  }
}

Replicas Striping::next(std::size_t factor) {
  CHECK(unfenced_ > 0);
  CHECK(factor <= total_);
  // As many partitions as brokers: the next ones shall not be the same again.
  if (round_ == unfenced_) {
    shuffle();
    round_ = 0;
  }
  Replicas replicas;
  std::size_t rack = first_;
  const auto turn = [&] { rack = (rack + 1) % racks_.size(); };
  for (; replicas.empty(); turn()) {
    if (const auto leader = racks_[rack].unfenced.next(round_)) replicas.push_back(*leader);
  }
  for (; replicas.size() < factor; turn()) {
    if (const auto follower = racks_[rack].next(round_)) replicas.push_back(*follower);
  }
  first_ = (first_ + 1) % racks_.size();
  ++round_;
  return replicas;
}

}  // namespace

std::expected<std::vector<Replicas>, std::string> place(const Image& image, std::int32_t count,
                                                        std::int32_t factor, Random& random) {
  CHECK(count >= 0);
  CHECK(factor > 0);
  Striping striping(image, random);
  const auto wanted = static_cast<std::size_t>(factor);
  if (wanted > striping.total()) {
    return std::unexpected(
        fmt::format("The target replication factor of {} cannot be reached because only {} "
                    "broker(s) are registered.",
                    factor, striping.total()));
  }
  if (striping.unfenced() == 0) return std::unexpected("All brokers are currently fenced.");
  std::vector<Replicas> result;
  for (std::int32_t i = 0; i < count; ++i) result.push_back(striping.next(wanted));
  return result;
}

}  // namespace trialog::metadata
