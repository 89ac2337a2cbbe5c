#include "core/metadata/partition_change.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::metadata {
namespace {

using Nodes = std::vector<NodeId>;

bool holds(const Nodes& nodes, NodeId id) { return std::ranges::find(nodes, id) != nodes.end(); }

Nodes without(const Nodes& nodes, const Nodes& others) {
  Nodes result;
  std::ranges::copy_if(nodes, std::back_inserter(result),
                       [&others](NodeId id) { return !holds(others, id); });
  return result;
}

std::vector<std::int32_t> numbers(const Nodes& ids) {
  std::vector<std::int32_t> result;
  for (const auto id : ids) result.push_back(id.value);
  return result;
}

struct Elected {
  NodeId leader = no_leader;
  bool unclean = false;
};

/// One partition on its way from what it is to what it will be.
class Change {
 public:
  Change(const Partition& now, const PartitionAim& aim)
      : now_(now),
        aim_(aim),
        isr_(aim.isr.value_or(now.isr)),
        replicas_(aim.replicas.value_or(now.replicas)),
        adding_(aim.adding.value_or(now.adding)),
        removing_(aim.removing.value_or(now.removing)),
        eligible_(now.eligible),
        last_known_(now.last_known),
        recovering_(aim.recovering.value_or(now.recovering)) {
    CHECK(!replicas_.empty());
  }

  void complete_reassignment();
  void follow_eligible();
  /// As soon as records can be committed without them.
  bool forget_eligible();
  void elect();
  void write(protocol::PartitionChangeRecord& record) const;

 private:
  bool can_lead(NodeId id) const;
  bool last_known_can_lead() const;
  Elected elected() const;
  Elected elected_if_preferred() const;
  std::optional<NodeId> first(const std::function<bool(NodeId)>& suits) const;
  bool drops_replica() const { return !without(now_.replicas, replicas_).empty(); }

  const Partition& now_;
  const PartitionAim& aim_;
  Nodes isr_, replicas_, adding_, removing_, eligible_, last_known_;
  bool recovering_;
  std::optional<NodeId> leader_;
};

void Change::complete_reassignment() {
  if (adding_.empty() && removing_.empty()) return;
  const auto target = without(replicas_, removing_);
  // All of the target, not only what is added, must have the records (KAFKA-15665).
  const bool there = std::ranges::all_of(target, [this](NodeId id) { return holds(isr_, id); });
  if (!there || target.empty()) return;
  isr_ = without(isr_, removing_);
  replicas_ = target;
  adding_.clear();
  removing_.clear();
}

bool Change::forget_eligible() {
  if (isr_.size() < std::min(aim_.min_isr, replicas_.size())) return false;
  eligible_.clear();
  last_known_.clear();
  return true;
}

void Change::follow_eligible() {
  if (!aim_.keeps_eligible || forget_eligible()) return;
  for (const auto id : now_.isr) {
    if (!holds(eligible_, id)) eligible_.push_back(id);
  }
  eligible_ = without(without(eligible_, isr_), aim_.unclean);
  eligible_ = without(eligible_, without(eligible_, replicas_));
  std::ranges::sort(eligible_);
}

bool Change::can_lead(NodeId id) const {
  const bool complete = holds(isr_.empty() ? eligible_ : isr_, id);
  return complete && holds(replicas_, id) && aim_.available(id);
}

bool Change::last_known_can_lead() const {
  if (!isr_.empty() || !eligible_.empty()) return false;
  return last_known_.size() == 1 && holds(replicas_, last_known_.front()) &&
         aim_.available(last_known_.front());
}

std::optional<NodeId> Change::first(const std::function<bool(NodeId)>& suits) const {
  const auto found = std::ranges::find_if(replicas_, suits);
  return found == replicas_.end() ? std::nullopt : std::optional(*found);
}

Elected Change::elected_if_preferred() const {
  if (can_lead(replicas_.front())) return {replicas_.front(), false};
  if (can_lead(now_.leader)) return {now_.leader, false};
  const auto other = first([this](NodeId id) { return can_lead(id); });
  return {other.value_or(no_leader), false};
}

Elected Change::elected() const {
  if (aim_.election == Election::preferred) return elected_if_preferred();
  if (can_lead(now_.leader)) return {now_.leader, false};
  if (const auto other = first([this](NodeId id) { return can_lead(id); })) return {*other, false};
  if (last_known_can_lead()) return {last_known_.front(), true};
  if (aim_.election == Election::unclean) {
    const auto any =
        first([this](NodeId id) { return aim_.available(id) && !holds(aim_.unclean, id); });
    if (any) return {*any, true};
  }
  return {no_leader, false};
}

void Change::elect() {
  const auto next = elected();
  if (next.leader == now_.leader) {
    // A replica that is dropped must not go on under the old epoch.
    if (drops_replica()) leader_ = now_.leader;
  } else {
    leader_ = next.leader;
    // From now on the last leader that was known to have everything is this one.
    if (next.leader != no_leader) last_known_.clear();
    if (next.unclean) {
      isr_ = {next.leader};
      eligible_.clear();
      recovering_ = true;
    } else if (next.leader != no_leader && isr_.empty()) {
      isr_ = {next.leader};  // Out of those eligible.
      std::erase(eligible_, next.leader);
      forget_eligible();
    }
  }
  // Without eligible replicas the last one in sync is remembered by staying in the set.
  if (isr_.empty() && !aim_.keeps_eligible) isr_ = now_.isr;
  const bool lost = isr_.empty() && aim_.keeps_eligible && !now_.isr.empty();
  if (lost && now_.leader != no_leader) last_known_ = {now_.leader};
}

void Change::write(protocol::PartitionChangeRecord& record) const {
  const auto put = [](const Nodes& from, const Nodes& to, auto& field) {
    if (from != to) field = numbers(to);
  };
  put(now_.isr, isr_, record.isr);
  put(now_.replicas, replicas_, record.replicas);
  put(now_.adding, adding_, record.adding_replicas);
  put(now_.removing, removing_, record.removing_replicas);
  put(now_.eligible, eligible_, record.eligible_leader_replicas);
  put(now_.last_known, last_known_, record.last_known_elr);
  if (recovering_ != now_.recovering) record.leader_recovery_state = recovering_ ? 1 : 0;
  if (leader_) record.leader = leader_->value;
  if (!record.replicas) return;
  record.directories.emplace();
  for (const auto id : replicas_) {
    const auto found = std::ranges::find(now_.replicas, id);
    const bool is_new = found == now_.replicas.end();
    record.directories->push_back(
        is_new ? aim_.directory(id)
               : now_.directories[static_cast<std::size_t>(found - now_.replicas.begin())]);
  }
}

}  // namespace

std::optional<protocol::PartitionChangeRecord> change_partition(const Uuid& topic,
                                                                std::int32_t index,
                                                                const Partition& partition,
                                                                const PartitionAim& aim) {
  CHECK(aim.available != nullptr);
  Change change(partition, aim);
  change.complete_reassignment();
  change.follow_eligible();
  change.elect();
  protocol::PartitionChangeRecord record;
  const auto nothing = record;
  change.write(record);
  const bool same = !record.isr && !record.replicas && !record.adding_replicas &&
                    !record.removing_replicas && !record.eligible_leader_replicas &&
                    !record.last_known_elr && !record.directories &&
                    record.leader == nothing.leader &&
                    record.leader_recovery_state == nothing.leader_recovery_state;
  if (same) return std::nullopt;
  record.partition_id = index;
  record.topic_id = topic;
  return record;
}

}  // namespace trialog::metadata
