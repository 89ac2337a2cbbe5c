#include <algorithm>

#include "core/base/check.h"
#include "core/metadata/batches.h"
#include "core/metadata/controller.h"
#include "core/metadata/features.h"

namespace trialog::metadata {
namespace {

/// How many leaderships one round of balancing moves.
constexpr std::size_t max_elections_per_round = 1000;
/// How often partitions without leader are looked through for those whose topics allow loss.
constexpr Duration unclean_interval = seconds(300);

constexpr std::string_view unclean_setting = "unclean.leader.election.enable";
constexpr std::string_view min_isr_setting = "min.insync.replicas";

std::vector<NodeId> without(const std::vector<NodeId>& nodes, NodeId a, NodeId b) {
  std::vector<NodeId> result;
  for (const auto id : nodes) {
    if (id != a && id != b) result.push_back(id);
  }
  return result;
}

}  // namespace

bool Controller::keeps_eligible() const {
  if (options_.bugs.has(Bug::last_replica_standing)) return false;
  return image_.feature(eligible_leader_replicas) > 0;
}

PartitionAim Controller::aim_for(const Topic& topic, DirectoryLoad& load) const {
  const auto& own = image_.settings({ResourceType::topic, topic.name});
  const auto unclean = topic_value(unclean_setting, own, defaults_);
  const auto min_isr = topic_value(min_isr_setting, own, defaults_);
  PartitionAim aim;
  if (boolean_value(unclean.value_or("")).value_or(false)) aim.election = Election::unclean;
  aim.min_isr =
      static_cast<std::size_t>(std::max<std::int64_t>(1, integer_value(*min_isr).value_or(1)));
  aim.keeps_eligible = keeps_eligible();
  aim.directory = [&load](NodeId id) { return load.next(id); };
  return aim;
}

bool Controller::is_available(const Partition& partition, NodeId id) const {
  const auto* broker = image_.broker(id);
  return broker && broker->active() && has_directory(*broker, partition);
}

void Controller::change_leaders(const BrokerChange& change, const PartitionIndex::Keys& keys,
                                std::vector<Record>& records) const {
  DirectoryLoad load(image_, index_);
  std::shared_ptr<const Topic> topic;
  PartitionAim aim;
  for (const auto& key : keys) {
    if (!topic || topic->id != key.topic) {
      topic = image_.topic(key.topic);
      aim = aim_for(*topic, load);
      if (change.unclean != no_leader) aim.unclean = {change.unclean};
    }
    const auto& partition = *topic->partition(key.index);
    aim.isr = without(partition.isr, change.removed, change.unclean);
    aim.available = [this, &change, &partition](NodeId id) {
      if (id == change.removed || id == change.unclean) return false;
      // It comes, so it is still fenced in what we know.
      if (id == change.added) return has_directory(*image_.broker(id), partition);
      return is_available(partition, id);
    };
    if (auto record = change_partition(topic->id, key.index, partition, aim)) {
      records.emplace_back(std::move(*record));
    }
  }
}

void Controller::fence(const Broker& broker, std::vector<Record>& records) const {
  change_leaders({.removed = broker.id}, index_.of(broker.id), records);
  protocol::BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id.value;
  record.broker_epoch = broker.epoch;
  record.fenced = 1;
  records.emplace_back(record);
}

Controller::Decision Controller::fence_silent(NodeId broker) const {
  Decision decision;
  fence(*image_.broker(broker), decision.records);
  bracket(decision.records);
  return decision;
}

Controller::Decision Controller::balance() const {
  Decision decision;
  DirectoryLoad load(image_, index_);
  for (const auto& key : index_.imbalanced()) {
    if (decision.records.size() == max_elections_per_round) break;
    const auto topic = image_.topic(key.topic);
    const auto& partition = *topic->partition(key.index);
    auto aim = aim_for(*topic, load);
    aim.election = Election::preferred;
    aim.available = [this, &partition](NodeId id) { return is_available(partition, id); };
    auto record = change_partition(key.topic, key.index, partition, aim);
    if (record) decision.records.emplace_back(std::move(*record));
  }
  return decision;
}

Controller::Decision Controller::elect_unclean() const {
  Decision decision;
  change_leaders({}, index_.leaderless(), decision.records);
  bracket(decision.records);
  return decision;
}

Controller::Decision Controller::on_time(Instant now) {
  const auto silent = sessions_.most_silent(image_);
  if (silent && silent->until <= now) return fence_silent(silent->broker);
  if (balance_at_ <= now) {
    auto decision = balance();
    const bool more = decision.records.size() == max_elections_per_round;
    balance_at_ = more ? now : now + options_.leader_imbalance_check_interval;
    return decision;
  }
  if (unclean_at_ <= now) {
    unclean_at_ = now + unclean_interval;
    return elect_unclean();
  }
  return {};
}

Instant Controller::deadline() const {
  const auto silent = sessions_.most_silent(image_);
  return std::min({silent ? silent->until : never, balance_at_, unclean_at_});
}

}  // namespace trialog::metadata
